import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import { clusterBytes, shownBelow } from '../clusters.ts';
import { pull, spdkCommit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteWritten, wantedBytes } from '../writes.ts';

export const zeroingRevealsParent: RunnableFault = {
  kind: 'fault',
  id: 'FM36',
  name: 'zeroing reveals the parent',
  model: 'Zeros are made by deallocating, and where there is a parent its data shows instead of zeros.',
  copies: [spdkCommit('d3594f8437'), pull('cloud-hypervisor/cloud-hypervisor', 8245)],
  parameters: {},
  expected: { findings: ['content'], wrongBytes: ['parent-shows-through', 'garbage'], replica: 'all' },
  hooks({ liveness }) {
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
  neededChecks: ['oracle'],
};

function belowRange(lvol: Lvol, offset: number, length: number): Buffer {
  const first = Math.floor(offset / clusterBytes);
  const last = Math.floor((offset + length - 1) / clusterBytes);
  const clusters = Array.from({ length: last - first + 1 }, (_, index) => shownBelow(lvol, first + index));
  const start = offset - first * clusterBytes;
  return Buffer.concat(clusters).subarray(start, start + length);
}
