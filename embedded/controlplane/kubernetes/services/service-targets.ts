import type { Resources } from '../context.ts';
import { selectorMatches } from '../label-selector.ts';
import { isReady, isTerminated, type Pod } from '../objects/pod.ts';
import type { EndpointPort, Service, ServicePort } from '../objects/service.ts';

export interface ServiceTarget {
  pod: Pod;
  ip: string;
  ready: boolean;
  ports: readonly EndpointPort[];
}

/** The port of the pod that a service port leads to; undefined when the pod has none of that name. */
export function targetPort(pod: Pod, port: ServicePort): number | undefined {
  const wanted = port.targetPort ?? port.port;
  if (typeof wanted === 'number') {
    return wanted;
  }
  const named = pod.spec.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === wanted);
  return named?.containerPort;
}

/** The pods behind a service with a selector, in the order of their names. */
export function serviceTargets(resources: Resources, service: Service): ServiceTarget[] {
  const { selector, ports = [], publishNotReadyAddresses = false } = service.spec;
  if (selector === undefined || Object.keys(selector).length === 0) {
    return [];
  }
  const { namespace } = service.metadata;
  return resources.pods
    .list(namespace === undefined ? {} : { namespace })
    .filter((pod) => selectorMatches({ matchLabels: selector }, pod.metadata.labels) && !isTerminated(pod))
    .flatMap((pod): ServiceTarget[] => {
      const ip = pod.status?.podIP;
      if (ip === undefined) {
        return [];
      }
      const terminating = pod.metadata.deletionTimestamp !== undefined;
      const endpointPorts = ports.flatMap((port): EndpointPort[] => {
        const number = targetPort(pod, port);
        const named = port.name === undefined ? {} : { name: port.name };
        return number === undefined ? [] : [{ ...named, port: number, protocol: port.protocol ?? 'TCP' }];
      });
      return [{ pod, ip, ready: (isReady(pod) || publishNotReadyAddresses) && !terminating, ports: endpointPorts }];
    })
    .sort((left, right) => left.pod.metadata.name.localeCompare(right.pod.metadata.name));
}
