/** Everything that runs create or adopt, and therefore everything that a sweep may remove. */
import type { KubeClient } from '../kubernetes/client.ts';
import {
  configMaps,
  leases,
  namespaces,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  services,
  storageClasses,
} from '../kubernetes/core-kinds.ts';
import { isNotFound } from '../kubernetes/errors.ts';
import type { Owned } from '../kubernetes/ownership.ts';
import type { AnyKind } from '../kubernetes/resource.ts';
import { backingImages, replicas, supportBundles, volumes } from './kinds.ts';

/**
 * In the order in which they are deleted: what uses something comes before it. A volume goes with its claim, replicas
 * with their volume; both are listed for what a half-done deletion left. The lock and namespaces come last.
 */
const runKinds: readonly AnyKind[] = [
  supportBundles,
  pods,
  services,
  persistentVolumeClaims,
  volumes,
  replicas,
  persistentVolumes,
  storageClasses,
  backingImages,
  configMaps,
  leases,
  namespaces,
];

/** Objects with a run's label, of one run, of all, or of all but one; in order of deletion. */
export async function findLeftovers(
  client: KubeClient,
  options: { runId?: string | undefined; exceptRunId?: string } = {},
): Promise<readonly Owned[]> {
  const lists = await Promise.all(runKinds.map((kind) => listIfServed(client, kind, options.runId)));
  return lists.flat().filter((owned) => owned.runId !== options.exceptRunId);
}

/** A cluster without Longhorn does not serve its kinds; there is then nothing of them to find. */
async function listIfServed(client: KubeClient, kind: AnyKind, runId: string | undefined): Promise<readonly Owned[]> {
  try {
    return await client.listOwned(kind, { runId });
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}
