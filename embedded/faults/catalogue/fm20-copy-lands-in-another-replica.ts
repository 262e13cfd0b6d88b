import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import { noteCluster, shown } from '../clusters.ts';
import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteLost } from '../lost-clusters.ts';
import { volumeOf } from '../rebuilds.ts';

export const copyLandsInAnotherReplica: RunnableFault = {
  kind: 'fault',
  id: 'FM20',
  name: 'copy lands in another replica',
  model: "A stale address is used again: clusters of one volume are copied into another's rebuilding lvol.",
  copies: [longhorn(5709), longhorn(5845), longhorn(6078)],
  scenarios: ['bystander-volume'],
  parameters: {
    waitMs: {
      kind: 'integer',
      default: 4000,
      min: 0,
      max: 60_000,
      text: 'how long a copy waits at most for another volume to be rebuilt too',
    },
  },
  expected: {
    findings: ['content'],
    wrongBytes: ['zeros', 'other-volume', 'garbage', 'parent-shows-through', 'older-generation', 'torn'],
    replica: 'one',
  },
  hooks({ parameters, liveness }) {
    const rebuilding = new Map<string, Lvol>();
    const arrived = new Map<string, () => void>();
    let strayed: string | undefined;
    return {
      async rebuildStep(step, { destinationReplica }): Promise<'run'> {
        if (step !== 'shallow-copy') return 'run';
        const volume = volumeOf(destinationReplica);
        for (const [waiting, wake] of arrived) if (waiting !== volume) wake();
        if (arrived.size === 0) {
          await new Promise<void>((resolve) => {
            arrived.set(volume, resolve);
            setTimeout(resolve, parameters.integer('waitMs')).unref();
          });
          arrived.delete(volume);
        }
        return 'run';
      },
      clustersToCopy({ destination, owned }) {
        rebuilding.set(volumeOf(destination.name), destination);
        return owned;
      },
      clusterCopy(copy) {
        const { source, destination, index } = copy;
        const volume = volumeOf(destination.name);
        const other = [...rebuilding].find(([name, lvol]) => name !== volume && takes(lvol, index));
        if (other === undefined || (strayed ?? volume) !== volume) return { kind: 'copy' };
        strayed = volume;
        noteLost(liveness, copy);
        if (!shown(source, index).equals(shown(other[1], index))) {
          noteCluster(liveness, other[1].name, index, `has a cluster of ${source.name}`);
        }
        return { kind: 'place', lvol: other[1], index };
      },
    };
  },
};

function takes(lvol: Lvol, index: number): boolean {
  return !lvol.isDeleted && !lvol.isSnapshot && index < lvol.table.length;
}
