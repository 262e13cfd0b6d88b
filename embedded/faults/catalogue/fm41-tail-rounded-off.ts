import { clusterBytes, noteCluster, shown } from '../clusters.ts';
import { longhorn, spdkCommit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { isHeadName } from '../rebuilds.ts';

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
      choices: ['snapshot', 'head', 'grown'],
      text: "the rebuilt snapshot's size, a new head's, or one replica's head when the volume is expanded",
    },
  },
  expected: {
    findings: ['content', 'allocation', 'forbidden-observation'],
    wrongBytes: ['zeros', 'missing', 'parent-shows-through'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness }) {
    const which = parameters.choice('lvol');
    const made = new Map<string, number>();
    let shortened = '';
    const isStruck = (lvolName: string, wantedBytes: number): boolean => {
      if (which === 'snapshot') return lvolName.endsWith('-rebuilding');
      if (!isHeadName(lvolName)) return false;
      if (which === 'head') return true;
      const grows = (made.get(lvolName) ?? wantedBytes) < wantedBytes;
      made.set(lvolName, wantedBytes);
      if (grows && shortened === '') shortened = lvolName;
      return grows && shortened === lvolName;
    };
    return {
      lvolSizeBytes({ lvolName, wantedBytes }) {
        if (!isStruck(lvolName, wantedBytes)) return wantedBytes;
        const kept = wantedBytes - clusterBytes;
        liveness.note('state', `${lvolName} is made with ${String(kept)} bytes`);
        if (which !== 'snapshot') noteCluster(liveness, lvolName, Math.floor(kept / clusterBytes), 'is missing');
        return kept;
      },
      clustersToCopy({ source, destination, owned }) {
        const end = destination.table.length;
        for (const index of owned.filter((candidate) => candidate >= end)) {
          if (shown(source, index).some((byte) => byte !== 0))
            noteCluster(liveness, destination.name, index, 'past the end of the lvol');
        }
        return owned.filter((index) => index < end);
      },
    };
  },
};
