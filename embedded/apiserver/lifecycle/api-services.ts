/** An APIService for each group and version that is served, as the aggregator registers them by itself. */
import type { ResourceRegistry } from '../resources/registry.ts';
import type { ClusterStore } from '../store.ts';
import { createDeferredQueue } from './deferred.ts';

const services = 'apiservices.apiregistration.k8s.io';
const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';
const definitions = 'customresourcedefinitions.apiextensions.k8s.io';

interface Priority {
  readonly group: number;
  readonly version: number;
}

// kubernetes:pkg/controlplane/apiserver/aggregator.go@v1.36 and kube-aggregator's crdregistration controller.
const priorities: Readonly<Record<string, number>> = {
  '': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'apiextensions.k8s.io': 16700,
  'admissionregistration.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'resource.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
};

function register(
  store: ClusterStore,
  group: string,
  version: string,
  priority: Priority,
  kept: 'onstart' | 'true',
): void {
  const name = `${version}.${group}`;
  if (store.get({ resource: services, name }) !== undefined) return;
  const created = store.create(services, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, labels: { [managedLabel]: kept } },
    spec: {
      ...(group === '' ? {} : { group }),
      version,
      groupPriorityMinimum: priority.group,
      versionPriority: priority.version,
    },
  });
  const condition = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: created.metadata.creationTimestamp,
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
  store.mutate({ resource: services, name }, (draft) => (draft.status = { conditions: [condition] }), {
    subresource: 'status',
  });
}

/**
 * Keeps the APIServices in step with what is served; one that somebody else made is left alone.
 * Source: kube-aggregator:pkg/controllers/autoregister/autoregister_controller.go checkAPIService.
 */
export function startApiServices(store: ClusterStore, registry: ResourceRegistry): () => void {
  for (const { group, version, custom } of registry.all()) {
    const rank = priorities[group];
    if (custom === undefined && rank !== undefined)
      register(
        store,
        group,
        version,
        { group: rank, version: version === 'v2' ? 30 : group === '' ? 1 : 15 },
        'onstart',
      );
  }
  const queue = createDeferredQueue();
  const follow = (): void => {
    const custom = registry.all().filter((type) => type.custom !== undefined);
    for (const { group, version } of custom) register(store, group, version, { group: 1000, version: 100 }, 'true');
    const served = new Set(registry.all().map(({ group, version }) => `${version}.${group}`));
    for (const { metadata } of store.list(services)) {
      const managed = metadata.labels?.[managedLabel] !== undefined;
      if (managed && !served.has(metadata.name)) store.delete({ resource: services, name: metadata.name });
    }
  };
  follow();
  const stop = store.watch(definitions, () => queue.push(follow));
  return () => {
    queue.stop();
    stop();
  };
}
