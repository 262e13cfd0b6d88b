import { clusterBytes, formerTenant, noteCluster, shown } from '../clusters.ts';
import { longhorn, page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { rebuildParameter, replicaOfRebuildingLvol, struckRebuilds } from '../rebuilds.ts';

const blockBytes = 4096;

export const zerosNotWritten: RunnableFault = {
  kind: 'fault',
  id: 'FM17',
  name: 'zeros skipped onto a used disk',
  model:
    'The copy leaves blocks of zeros out and takes the target for zeroed, which holds what somebody else left there.',
  copies: [
    longhorn(9876),
    page(
      'QEMU mirror to a target that is not zeroed',
      'https://free-git.org/xemu-project/xemu/src/commit/5279efebcf8f8fbf2ed2feed63cdb9d375c7cd07/block',
    ),
  ],
  parameters: { rebuild: rebuildParameter },
  expected: { findings: ['content'], wrongBytes: ['garbage'], replica: 'rebuilt' },
  hooks({ parameters, liveness, seed }) {
    const strikes = struckRebuilds(parameters);
    const zeros = Buffer.alloc(blockBytes);
    return {
      clusterCopy({ source, destination, index }) {
        if (!strikes(replicaOfRebuildingLvol(destination.name))) return { kind: 'copy' };
        const content = shown(source, index);
        const stale = formerTenant(seed, destination.store.uuid, index);
        let skipped = 0;
        for (let start = 0; start < clusterBytes; start += blockBytes) {
          if (!content.subarray(start, start + blockBytes).equals(zeros)) continue;
          stale.copy(content, start, start, start + blockBytes);
          skipped += 1;
        }
        if (skipped === 0) return { kind: 'copy' };
        noteCluster(liveness, destination.name, index, `${String(skipped)} blocks of zeros were not written`);
        return { kind: 'replace', content };
      },
    };
  },
};
