import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { engineImageName, labelKeys, longhornNamespace, managedByLonghorn } from '../cluster/names.ts';
import { withCondition } from '../model/condition.ts';
import { longhornApiVersion } from '../resources/custom-resources.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import type { SeedNode } from './longhorn-objects.ts';

/** The default engine image, deployed on all nodes; needed even where only V2 is used. */
export function seedEngineImage(cluster: LonghornCluster, nodes: readonly SeedNode[]): void {
  const image = cluster.profile.images.engine;
  const name = engineImageName(image);
  const resource = 'engineimages.longhorn.io';
  cluster.store.create(resource, {
    apiVersion: longhornApiVersion,
    kind: 'EngineImage',
    metadata: {
      name,
      namespace: longhornNamespace,
      labels: { [labelKeys.component]: 'engine-image', 'longhorn.io/engine-image': name, ...managedByLonghorn },
    },
    spec: { image },
  });
  const now = cluster.clock.timestamp();
  const message = `Engine image ${name} (${image}) is fully deployed on all ready nodes`;
  cluster.store.mutate(
    { resource, namespace: longhornNamespace, name },
    (draft) => {
      draft.status = {
        ownerID: nodes[0]?.name ?? '',
        state: 'deployed',
        conditions: withCondition([], { type: 'ready', status: 'True', message, now }),
        nodeDeploymentMap: Object.fromEntries(nodes.map((node) => [node.name, true])),
        refCount: 0,
        noRefSince: now,
        incompatible: false,
        version: `v${cluster.profile.version}`,
        gitCommit: '',
        buildDate: '',
        ...apiVersions(cluster),
        dataFormatVersion: 1,
        dataFormatMinVersion: 1,
      };
    },
    { subresource: 'status' },
  );
}

/** longhorn-engine:pkg/meta/version.go at each tag, and as real ones of 1.8.1 and 1.12.1 report them. */
function apiVersions({ profile }: LonghornCluster): Record<string, number> {
  const since = (version: string): boolean => isInVersionRange(profile.version, `${version}..`);
  return {
    cliAPIVersion: since('1.12.0') ? 12 : since('1.11.0') ? 11 : 10,
    cliAPIMinVersion: 8,
    controllerAPIVersion: since('1.11.0') ? 6 : 5,
    controllerAPIMinVersion: 4,
  };
}
