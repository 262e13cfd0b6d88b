import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import { noteCluster, shown } from '../clusters.ts';
import type { RunnableFault } from '../fault.ts';
import { replicaOfRebuildingLvol, volumeOf } from '../rebuilds.ts';

interface Copy {
  readonly source: Lvol;
  readonly destination: Lvol;
}

export const copyReadsAnotherRebuildsSource: RunnableFault = {
  kind: 'fault',
  id: 'X10',
  name: "copy reads another rebuild's source",
  model: 'Two rebuilds on one disk share a buffer: a cluster that is read for one is what was read for the other.',
  copies: [],
  scenarios: ['parallel-rebuilds'],
  parameters: {
    clusters: { kind: 'integer', default: 4, min: 1, max: 1000, text: 'how many clusters are mixed up' },
    waitMs: {
      kind: 'integer',
      default: 4000,
      min: 0,
      max: 60_000,
      text: 'how long a copy waits at most for another volume to be rebuilt too',
    },
  },
  expected: { findings: ['content'], wrongBytes: ['other-volume'], replica: 'one' },
  hooks({ parameters, liveness }) {
    /** What is copied now, by the replica that is rebuilt. */
    const copies = new Map<string, Copy>();
    const waiting = new Map<string, () => void>();
    let left = parameters.integer('clusters');
    let met = false;
    return {
      async rebuildStep(step, { destinationReplica }): Promise<'run'> {
        if (step !== 'shallow-copy' || met) return 'run';
        const volume = volumeOf(destinationReplica);
        for (const [other, wake] of waiting) {
          if (other === volume) continue;
          met = true;
          wake();
        }
        if (met) return 'run';
        await new Promise<void>((resolve) => {
          waiting.set(volume, resolve);
          setTimeout(resolve, parameters.integer('waitMs')).unref();
        });
        return 'run';
      },
      clustersToCopy({ source, destination, owned }) {
        copies.set(replicaOfRebuildingLvol(destination.name), { source, destination });
        return owned;
      },
      clusterCopy({ source, destination, index }) {
        if (left === 0) return { kind: 'copy' };
        const other = [...copies.values()].find(
          (copy) =>
            isElsewhere(copy, destination) && sharesDisk(copy, { source, destination }) && copy.source.owns(index),
        );
        const content = other && shown(other.source, index);
        if (other === undefined || content === undefined || content.equals(shown(source, index)))
          return { kind: 'copy' };
        left -= 1;
        noteCluster(liveness, destination.name, index, `has what is there of ${other.source.name}`);
        return { kind: 'replace', content };
      },
      event(event) {
        if (event.kind === 'rebuild-ended') copies.delete(event.destinationReplica);
      },
    };
  },
};

function isElsewhere({ destination }: Copy, own: Lvol): boolean {
  return volumeOf(destination.name) !== volumeOf(own.name);
}

function sharesDisk(a: Copy, b: Copy): boolean {
  const disks = [a.source.store, a.destination.store];
  return disks.includes(b.source.store) || disks.includes(b.destination.store);
}
