/** What a verdict rests on and only live objects tell: which data engine it really is, and which disks really are used. */
import type { ReplicaPlacement } from '../verdict/events.ts';
import type { Disk } from './disks.ts';
import type { FoundProblem } from './lvol-audit.ts';
import type { Premise } from './premise.ts';
import type { RebuildProof } from './rebuild.ts';
import type { SubjectView } from './subject.ts';

/** Whoever asked for V2 may have got V1: volume, engines and replicas must each say so (longhorn/longhorn#12621). */
export function dataEnginePremise(view: SubjectView): Premise {
  const objects = [...view.volumes, ...view.engines, ...view.replicas];
  const other = objects.filter(({ spec }) => spec.dataEngine !== 'v2');
  const name = 'the volume runs on the V2 data engine';
  if (other.length === 0) return { name, state: 'met', detail: 'volume, engine and replicas say dataEngine v2' };
  const shown = other.map(({ metadata, spec }) => `${metadata.name} says ${spec.dataEngine ?? 'nothing'}`);
  return { name, state: 'unmet', detail: shown.join(', ') };
}

/** No two replicas share a disk. */
export function separateDisksPremise(placements: readonly ReplicaPlacement[]): Premise {
  const name = 'replicas are on different disks';
  const shown = placements
    .map(({ replica, nodeId, diskUuid }) => `${replica} on ${nodeId}, disk ${diskUuid}`)
    .join('; ');
  const distinct = new Set(placements.map(({ diskUuid }) => diskUuid)).size === placements.length;
  return distinct
    ? { name, state: 'met', detail: shown }
    : { name, state: 'unmet', detail: `${shown}: two on the same disk, where longhorn/longhorn#10340 cannot show` };
}

/** The rebuild went to another disk than each of those that it may have copied from. */
export function rebuiltElsewherePremise({ rebuilt, sources }: Pick<RebuildProof, 'rebuilt' | 'sources'>): Premise {
  const name = 'the rebuilt replica is on another disk than its sources';
  const shared = sources.find(({ diskUuid }) => diskUuid === rebuilt.diskUuid);
  return shared === undefined
    ? { name, state: 'met', detail: `${rebuilt.replica} is on disk ${rebuilt.diskUuid}` }
    : {
        name,
        state: 'unmet',
        detail: `${rebuilt.replica} and ${shared.replica} are on the same disk, where longhorn/longhorn#10340 cannot show`,
      };
}

/** A replica lies on a disk of its node: an object that tells another place is wrong about one of the two. */
export function misplacedReplicas(placements: readonly ReplicaPlacement[], disks: readonly Disk[]): FoundProblem[] {
  return placements.flatMap(({ replica, nodeId, diskUuid }): FoundProblem[] => {
    const disk = disks.find(({ uuid }) => uuid === diskUuid);
    if (disk === undefined || disk.node === nodeId) return [];
    const detail = `${replica} has nodeID ${nodeId} and diskID ${diskUuid}, which is ${disk.name} of ${disk.node}`;
    return [{ problem: 'disk-of-another-node', replica, diskUuid, detail }];
  });
}
