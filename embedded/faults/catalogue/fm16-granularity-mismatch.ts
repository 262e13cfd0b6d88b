import { clusterBytes, noteCluster, shown, shownBelow } from '../clusters.ts';
import { longhorn, pull } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { rebuildParameter, replicaOfRebuildingLvol, struckRebuilds } from '../rebuilds.ts';

export const granularityMismatch: RunnableFault = {
  kind: 'fault',
  id: 'FM16',
  name: 'granularity mismatch',
  model:
    "The copy knows what was written in smaller units than a cluster and fills the rest of the cluster with zeros instead of the parent's bytes.",
  copies: [pull('ceph/ceph', 21624), longhorn(4354)],
  parameters: {
    unit: { kind: 'integer', default: 65536, min: 512, max: 524288, text: 'bytes per unit; a divisor of 1 MiB' },
    rebuild: rebuildParameter,
  },
  expected: { findings: ['content'], wrongBytes: ['zeros'], replica: 'rebuilt' },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    const unit = parameters.integer('unit');
    return {
      clusterCopy({ source, destination, index }) {
        if (!strikes(replicaOfRebuildingLvol(destination.name))) return { kind: 'copy' };
        const content = shown(source, index);
        const right = Buffer.from(content);
        const parent = shownBelow(destination, index);
        for (let start = 0; start < clusterBytes; start += unit) {
          const written = !content.subarray(start, start + unit).equals(parent.subarray(start, start + unit));
          if (!written) content.fill(0, start, start + unit);
        }
        if (content.equals(right)) return { kind: 'copy' };
        noteCluster(liveness, destination.name, index, 'zeros round what was written');
        return { kind: 'replace', content };
      },
    };
  },
};
