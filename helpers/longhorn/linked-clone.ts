/**
 * Linked clones, Longhorn's shared parent from 1.12.1 on: the replicas of a clone hang on an lvol of the source's replica
 * on the same disk. Names: longhorn-spdk-engine:pkg/spdk/types.go@v1.12.1; objects:
 * longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/{volume,replica}.go@v1.12.1
 */
import type { KubeClient } from '../kubernetes/client.ts';
import { lvolKey } from './lvol-audit.ts';
import type { Lvol } from './lvol-parse.ts';
import { livingReplicas, readSubject, type Subject } from './subject.ts';

/** What a clone's objects say about where its replicas must hang. */
export interface CloneLinks {
  readonly snapshot: string;
  /** For each replica of the clone, the source's replica on its disk. */
  readonly sourceReplicas: Readonly<Record<string, string>>;
}

export async function readCloneLinks(client: KubeClient, clone: Subject): Promise<CloneLinks> {
  const view = await readSubject(client, clone);
  const pairs = livingReplicas(view).map(({ metadata, spec }) => [metadata.name, spec.linkedCloneSrcReplicaName ?? '']);
  return {
    snapshot: view.volumes[0]?.status?.cloneStatus?.snapshot ?? '',
    sourceReplicas: Object.fromEntries(pairs) as Record<string, string>,
  };
}

/** The source's snapshot on a disk: what all its clones there share. */
export function isSnapshotOf(lvol: { name: string }, volume: string): boolean {
  return lvol.name.startsWith(`${volume}-r-`) && lvol.name.includes('-snap-');
}

/** Snapshot lvols that the source's living replicas must keep, as keys of lvols. */
export async function wantedSourceLvols(
  client: KubeClient,
  source: Subject,
  lvols: readonly Lvol[],
): Promise<ReadonlySet<string>> {
  const replicas = livingReplicas(await readSubject(client, source)).map(({ metadata }) => metadata.name);
  const kept = lvols.filter(({ name }) => replicas.some((replica) => name.startsWith(`${replica}-snap-`)));
  return new Set(kept.map(lvolKey));
}
