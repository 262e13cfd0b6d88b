import { clusterBytes, shown } from '../clusters.ts';
import { longhorn, spdkCommit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';

export const tailRoundedOff: RunnableFault = {
  kind: 'fault',
  id: 'FM41',
  name: 'size rounded down',
  model: "An lvol is made one cluster shorter than the volume: the rebuilt snapshots', or the head's of one replica.",
  copies: [spdkCommit('76f4b77726'), longhorn(10536)],
  parameters: {
    lvol: {
      kind: 'choice',
      default: 'snapshot',
      choices: ['snapshot', 'head'],
      text: "the rebuilt snapshot's size, or a new head's",
    },
  },
  expected: {
    findings: ['content', 'allocation'],
    wrongBytes: ['zeros', 'missing', 'parent-shows-through'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness }) {
    const snapshot = parameters.choice('lvol') === 'snapshot';
    return {
      lvolSizeBytes({ lvolName, wantedBytes }) {
        const isRebuilding = lvolName.endsWith('-rebuilding');
        const isHead = /-r-[0-9a-z]+$/.test(lvolName);
        if (snapshot ? !isRebuilding : !isHead) return wantedBytes;
        liveness.note('state', `${lvolName} is made with ${String(wantedBytes - clusterBytes)} bytes`);
        return wantedBytes - clusterBytes;
      },
      clustersToCopy({ source, destination, owned }) {
        const end = destination.table.length;
        for (const index of owned.filter((candidate) => candidate >= end)) {
          if (shown(source, index).some((byte) => byte !== 0))
            liveness.note('bytes', `cluster ${String(index)} of ${source.name}`);
        }
        return owned.filter((index) => index < end);
      },
    };
  },
};
