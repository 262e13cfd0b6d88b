import { customResourcesOf, longhornGroup } from '../resources/custom-resources.ts';
import { createController } from './controller.ts';
import type { Controller } from './controller.ts';
import type { LonghornCluster } from './longhorn-cluster.ts';
import { longhornFinalizer, longhornNamespace } from './names.ts';

/** Kinds behind which nothing is in the embedded cluster, so that nothing has to be cleaned up before they go. */
export const withoutController = [
  'backups',
  'backupbackingimages',
  'backuptargets',
  'backupvolumes',
  'engineimages',
  'shardgroups',
  'shards',
  'sharemanagers',
  'systembackups',
] as const;

/** Lets terminating objects of these kinds go, as their controllers do once they have cleaned up. */
export function startReleaseController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const controller = createController({
    name: 'longhorn-release',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync(key) {
      const [resource = '', name = ''] = key.split('/');
      const object = cluster.store.get({ resource, namespace: longhornNamespace, name });
      if (object?.metadata.deletionTimestamp === undefined) return;
      cluster.store.mutate({ resource, namespace: longhornNamespace, name }, (draft) => {
        draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((entry) => entry !== longhornFinalizer);
      });
    },
  });
  const served = new Set(customResourcesOf(cluster.profile.version).map(({ plural }) => plural));
  for (const plural of withoutController.filter((kind) => served.has(kind))) {
    const resource = `${plural}.${longhornGroup}`;
    cluster.store.watch(resource, ({ type, object: { metadata } }) => {
      if (type !== 'DELETED' && metadata.deletionTimestamp !== undefined)
        controller.enqueue(`${resource}/${metadata.name}`);
    });
  }
  return controller;
}
