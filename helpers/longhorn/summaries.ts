/** The fields of each object whose changes tell the story of a run; the timeline is drawn from them. */
import type { KubernetesEvent } from '../kubernetes/core-kinds.ts';
import type { BackingImage, Engine, Replica, Volume } from './kinds.ts';

export type Summary = Readonly<Record<string, string>>;

export function summarizeVolume(volume: Volume): Summary {
  return present({
    state: volume.status?.state,
    robustness: volume.status?.robustness,
    node: volume.status?.currentNodeID,
    lastDegradedAt: volume.status?.lastDegradedAt,
  });
}

export function summarizeEngine(engine: Engine): Summary {
  const rebuilds = Object.values(engine.status?.rebuildStatus ?? {});
  return present({
    state: engine.status?.currentState,
    endpoint: engine.status?.endpoint,
    replicaModes: sortedPairs(engine.status?.replicaModeMap ?? {}),
    rebuild: rebuilds.map(({ state, progress }) => `${state ?? ''} ${String(progress ?? 0)}%`).join(' '),
    snapshots: Object.keys(engine.status?.snapshots ?? {})
      .filter((name) => name !== 'volume-head')
      .sort()
      .join(' '),
  });
}

export function summarizeReplica(replica: Replica): Summary {
  const waiting = replica.status?.conditions?.find(
    ({ type, status }) => type === 'WaitForBackingImage' && status === 'True',
  );
  return present({
    state: replica.status?.currentState,
    node: replica.spec.nodeID,
    disk: replica.spec.diskID,
    healthyAt: replica.spec.healthyAt,
    failedAt: replica.spec.failedAt,
    waitsForBackingImage: waiting?.reason,
  });
}

export function summarizeBackingImage(image: BackingImage): Summary {
  const copies = Object.entries(image.status?.diskFileStatusMap ?? {}).map(
    ([disk, copy]) => [`${disk.slice(0, 8)}/${copy.dataEngine ?? ''}`, copy.state ?? ''] as const,
  );
  return present({
    firstV2Copy: image.status?.v2FirstCopyStatus,
    copies: sortedPairs(Object.fromEntries(copies)),
  });
}

export function summarizeEvent(event: KubernetesEvent): Summary {
  const { kind, name } = event.involvedObject;
  return present({ reason: event.reason ?? '', message: event.message ?? '', of: `${kind ?? ''} ${name ?? ''}` });
}

/** `a=RW b=WO`, sorted, for one line of text. */
export function sortedPairs(map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

function present(fields: Readonly<Record<string, string | undefined>>): Summary {
  const entries = Object.entries(fields).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return Object.fromEntries(entries);
}
