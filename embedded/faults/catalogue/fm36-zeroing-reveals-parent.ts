import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import { clusterBytes, noteCluster, shown, shownBelow } from '../clusters.ts';
import { pull, spdkCommit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteWritten, wantedBytes } from '../writes.ts';

export const zeroingRevealsParent: RunnableFault = {
  kind: 'fault',
  id: 'FM36',
  name: 'zeroing reveals the parent',
  model:
    'Zeros are made by deallocating, or a discard deallocates: where there is a parent its data shows, as if nothing had been written.',
  copies: [spdkCommit('d3594f8437'), pull('cloud-hypervisor/cloud-hypervisor', 8245)],
  scenarios: ['discard-and-zeroes'],
  parameters: {
    request: { kind: 'choice', default: 'discard', choices: ['discard', 'zeros'], text: 'what deallocates' },
  },
  expected: { findings: ['content'], wrongBytes: ['parent-shows-through', 'garbage'], replica: 'all' },
  neededChecks: ['oracle'],
  hooks({ parameters, liveness }) {
    if (parameters.choice('request') === 'discard') {
      return {
        unmap({ lvol, index, whole, frees }) {
          if (!whole || frees) return frees ? 'free' : 'keep';
          const differs = lvol.owns(index) && !shown(lvol, index).equals(shownBelow(lvol, index));
          if (differs) noteCluster(liveness, lvol.name, index, 'what is below the freed cluster shows');
          return 'free';
        },
      };
    }
    return {
      baseBdevWrite(request) {
        const wanted = wantedBytes(request);
        if (wanted === undefined || wanted.some((byte) => byte !== 0)) return { kind: 'apply' };
        const below = belowRange(request.lvol, request.offset, request.length);
        noteWritten(liveness, request, below);
        return { kind: 'alter', data: below };
      },
    };
  },
};

function belowRange(lvol: Lvol, offset: number, length: number): Buffer {
  const first = Math.floor(offset / clusterBytes);
  const last = Math.floor((offset + length - 1) / clusterBytes);
  const clusters = Array.from({ length: last - first + 1 }, (_, index) => shownBelow(lvol, first + index));
  const start = offset - first * clusterBytes;
  return Buffer.concat(clusters).subarray(start, start + length);
}
