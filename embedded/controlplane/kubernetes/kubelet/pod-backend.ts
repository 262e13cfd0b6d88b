import { StatusError } from '../../../apiserver/store.ts';
import type { PodBackend } from '../../../runtime/contract.ts';
import { readContainerLog } from '../../../runtime/log-reader.ts';
import type { Resources } from '../context.ts';
import type { Pod } from '../objects/pod.ts';
import type { ContainerWorker } from './container-worker.ts';

export interface PodBackendOptions {
  resources: Resources;
  /** Resolves once the kubelets can run pods. */
  ready: Promise<unknown>;
  container: (pod: Pod, name: string) => ContainerWorker | undefined;
}

function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

function findPod(resources: Resources, request: { namespace: string; pod: string }): Pod {
  const pod = resources.pods.get(request.pod, request.namespace);
  if (pod === undefined) {
    const details = { name: request.pod, kind: 'pods' };
    throw new StatusError(404, 'NotFound', `pods "${request.pod}" not found`, details);
  }
  return pod;
}

/** The container that a request means, worded as the API server (kubernetes:pkg/registry/core/pod/strategy.go). */
function containerName(pod: Pod, asked: string | undefined): string {
  const { initContainers = [], containers } = pod.spec;
  if (asked !== undefined && asked !== '') {
    if (![...initContainers, ...containers].some(({ name }) => name === asked)) {
      throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`);
    }
    return asked;
  }
  const [only, ...others] = containers;
  if (only !== undefined && others.length === 0) {
    return only.name;
  }
  const list = (items: readonly { name: string }[]): string => items.map(({ name }) => name).join(' ');
  const initial = initContainers.length === 0 ? '' : ` or one of the init containers: [${list(initContainers)}]`;
  throw badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${list(containers)}]${initial}`,
  );
}

/** Serves exec and logs of the pods that the kubelets run. */
export function createPodBackend(options: PodBackendOptions): PodBackend {
  const { resources, ready } = options;
  return {
    async exec(request) {
      await ready;
      const pod = findPod(resources, request);
      const name = containerName(pod, request.container);
      const phase = pod.status?.phase;
      if (phase === 'Succeeded' || phase === 'Failed') {
        throw new StatusError(
          500,
          'InternalError',
          `cannot exec into a container in a completed pod; current phase is ${phase}`,
        );
      }
      if (pod.spec.nodeName === undefined) {
        throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
      }
      const { command, tty, stdin, stdout, stderr, signal } = request;
      const running = options.container(pod, name)?.exec({ command, tty, stdin, stdout, stderr, signal });
      if (running === undefined) {
        throw new StatusError(500, 'InternalError', `unable to upgrade connection: container not found ("${name}")`);
      }
      return running;
    },

    async logs(request) {
      await ready;
      const pod = findPod(resources, request);
      const name = containerName(pod, request.container);
      if (pod.spec.nodeName === undefined) {
        return;
      }
      const worker = options.container(pod, name);
      const log = worker?.log(request.previous ? 'previous' : 'current');
      if (log === undefined) {
        const quoted = `container "${name}" in pod "${pod.metadata.name}"`;
        const reason = worker?.status.state.waiting?.reason ?? 'ContainerCreating';
        throw badRequest(
          request.previous ? `previous terminated ${quoted} not found` : `${quoted} is waiting to start: ${reason}`,
        );
      }
      await readContainerLog(log, request);
    },
  };
}
