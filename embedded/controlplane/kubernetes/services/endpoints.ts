import type { ClusterContext, Controller } from '../context.ts';
import type { EndpointAddress, EndpointSlice, EndpointSubset, Service } from '../objects/service.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { serviceTargets, type ServiceTarget } from './service-targets.ts';

function address({ pod, ip }: ServiceTarget): EndpointAddress {
  const { namespace = '', name, uid } = pod.metadata;
  return {
    ip,
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function subsetsOf(targets: readonly ServiceTarget[]): EndpointSubset[] {
  const ports = targets[0]?.ports ?? [];
  const addresses = targets.filter(({ ready }) => ready).map(address);
  const notReadyAddresses = targets
    .filter(({ ready, pod }) => !ready && pod.metadata.deletionTimestamp === undefined)
    .map(address);
  if (addresses.length + notReadyAddresses.length === 0) {
    return [];
  }
  return [
    {
      ...(addresses.length === 0 ? {} : { addresses }),
      ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
      ports: [...ports],
    },
  ];
}

function sliceEndpoints(targets: readonly ServiceTarget[]): EndpointSlice['endpoints'] {
  return targets.map((target) => {
    const terminating = target.pod.metadata.deletionTimestamp !== undefined;
    const { ip, ...rest } = address(target);
    return { addresses: [ip], conditions: { ready: target.ready, serving: target.ready, terminating }, ...rest };
  });
}

/** Keeps Endpoints and one EndpointSlice of every service with a selector. */
export function startEndpoints(context: ClusterContext): Controller {
  const { resources, clock, signal } = context;
  const { services, pods, endpoints, endpointSlices } = resources;
  const queue = createReconcileQueue({ name: 'endpoint-controller', clock, signal, reconcile });

  function writeEndpoints(service: Service, targets: readonly ServiceTarget[]): void {
    const { name, namespace = '', labels = {} } = service.metadata;
    const subsets = subsetsOf(targets);
    const found = endpoints.get(name, namespace);
    if (found === undefined) {
      endpoints.create({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace, labels }, subsets });
      return;
    }
    endpoints.edit(found, (draft) => {
      draft.subsets = subsets;
    });
  }

  function writeSlice(service: Service, targets: readonly ServiceTarget[]): void {
    const { name, namespace = '', uid } = service.metadata;
    const label = {
      'kubernetes.io/service-name': name,
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    };
    const found = endpointSlices.list({ namespace, labels: label })[0];
    const content = { endpoints: sliceEndpoints(targets), ports: [...(targets[0]?.ports ?? [])] };
    if (found === undefined) {
      endpointSlices.create({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          generateName: `${name}-`,
          namespace,
          labels: label,
          ownerReferences: [
            { apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true },
          ],
        },
        addressType: 'IPv4',
        ...content,
      });
      return;
    }
    endpointSlices.edit(found, (draft) => {
      Object.assign(draft, content);
    });
  }

  function reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const service = services.get(name, namespace);
    if (service === undefined) {
      const left = endpoints.get(name, namespace);
      if (left !== undefined) {
        endpoints.delete(left);
      }
      return;
    }
    if (service.metadata.deletionTimestamp === undefined && service.spec.selector !== undefined) {
      const targets = serviceTargets(resources, service);
      writeEndpoints(service, targets);
      writeSlice(service, targets);
    }
  }

  services.watch(({ object }) => queue.add(keyOf(object)));
  pods.watch(({ object }) => {
    const { namespace } = object.metadata;
    for (const service of services.list(namespace === undefined ? {} : { namespace })) {
      const selector = Object.entries(service.spec.selector ?? {});
      if (selector.length > 0 && selector.every(([label, value]) => object.metadata.labels?.[label] === value)) {
        queue.add(keyOf(service));
      }
    }
  });
  services.list().forEach((service) => queue.add(keyOf(service)));
  return { idle: () => queue.idle() };
}
