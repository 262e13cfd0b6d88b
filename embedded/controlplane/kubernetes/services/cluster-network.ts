import { isIP } from 'node:net';
import type { ClusterNetwork } from '../../network.ts';
import type { Resources } from '../context.ts';
import { isTerminated } from '../objects/pod.ts';
import type { Service } from '../objects/service.ts';
import { serviceTargets, targetPort } from './service-targets.ts';

const longhornNamespace = 'longhorn-system';

/** `service[.namespace[.svc[.cluster.local]]]`; a bare name is looked up where Longhorn's pods are. */
function parseHost(host: string): { name: string; namespace: string } | undefined {
  const labels = host.replace(/\.$/, '').split('.');
  const [name, namespace = longhornNamespace, ...rest] = labels;
  const suffix = rest.join('.');
  const known = suffix === '' || suffix === 'svc' || suffix === 'svc.cluster.local';
  return name !== undefined && name !== '' && known ? { name, namespace } : undefined;
}

/**
 * Answers at the moment of the question, like DNS and kube-proxy in one: the first ready pod behind a service, by name.
 * Headless services resolve too, with the pod's own port.
 */
export function createClusterNetwork(resources: Resources): ClusterNetwork {
  const { services, pods } = resources;

  function resolveService(service: Service, port: number): { host: string; port: number } | undefined {
    const ready = serviceTargets(resources, service).filter((target) => target.ready);
    const servicePort = service.spec.ports?.find((entry) => entry.port === port);
    for (const { pod, ip } of ready) {
      const number = servicePort === undefined ? undefined : targetPort(pod, servicePort);
      if (number !== undefined) {
        return { host: ip, port: number };
      }
      if (service.spec.clusterIP === 'None') {
        return { host: ip, port };
      }
    }
    return undefined;
  }

  return {
    resolve(host, port) {
      if (isIP(host) !== 0) {
        const service = services.list().find(({ spec }) => spec.clusterIP === host);
        const pod = pods.list().find((candidate) => candidate.status?.podIP === host && !isTerminated(candidate));
        return service !== undefined ? resolveService(service, port) : pod === undefined ? undefined : { host, port };
      }
      const parsed = parseHost(host);
      const service = parsed === undefined ? undefined : services.get(parsed.name, parsed.namespace);
      return service === undefined ? undefined : resolveService(service, port);
    },
  };
}
