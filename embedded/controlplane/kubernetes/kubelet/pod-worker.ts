import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container, ContainerStatus, Pod } from '../objects/pod.ts';
import { waitingStatus } from './container-status.ts';
import { startContainerWorker, type ContainerWorker, type RestartPolicy } from './container-worker.ts';
import type { ChangeSignal } from './change-signal.ts';
import { composePodStatus } from './pod-status.ts';
import { containerPaths, type VolumeTargets } from './pod-volumes.ts';
import { podEvent, type KubeletServices } from './services.ts';
import { reportDevices, waitForVolumes } from './volume-waits.ts';
import type { VolumesInUse } from './volumes-in-use.ts';

export interface PodWorkerOptions {
  services: KubeletServices;
  pod: Pod;
  nodeIndex: number;
  hostIp: string;
  volumesInUse: VolumesInUse;
  /** False while the node is down: nobody is there to say how its pods are. */
  isNodeUp: () => boolean;
  /** Fires when an object changed on which volumes depend. */
  dependencies: ChangeSignal;
}

export interface PodWorker {
  readonly uid: string;
  /** Takes the pod as it is in the API now. */
  update(pod: Pod): void;
  container(name: string): ContainerWorker | undefined;
  /** Says again how the pod is. */
  report(): void;
  /** Stops the pod; resolves when its processes and files are gone. Idempotent. */
  terminate(how: 'graceful' | 'at-once'): Promise<void>;
}

/** Runs one pod on its node, from ContainerCreating until it has ended or is deleted. */
export function startPodWorker(options: PodWorkerOptions): PodWorker {
  const { services, hostIp, volumesInUse, dependencies } = options;
  const { clock, resources } = services.context;
  const stopping = new AbortController();
  const directory = join(services.podsDirectory, options.pod.metadata.uid);
  const workers = new Map<string, ContainerWorker>();
  const { initContainers = [], containers } = options.pod.spec;
  const startTime = clock.timestamp();
  let pod = options.pod;
  let podIp: string | undefined;
  let sandboxReady = false;
  let initialized = initContainers.length === 0;
  let outcome: 'Succeeded' | 'Failed' | undefined;
  let targets: VolumeTargets = new Map();
  let termination: Promise<void> | undefined;

  function statusOf(container: Container): ContainerStatus {
    const reason = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
    return workers.get(container.name)?.status ?? waitingStatus(container, reason);
  }

  function publish(): void {
    if (services.context.signal.aborted || !options.isNodeUp()) {
      return;
    }
    const state = {
      startTime,
      hostIp,
      podIp,
      sandboxReady,
      initialized,
      outcome,
      initContainers: initContainers.map(statusOf),
      containers: containers.map(statusOf),
    };
    pod =
      resources.pods.editStatus(pod, (draft) => {
        draft.status = composePodStatus(draft, state, clock);
      }) ?? pod;
  }

  function start(container: Container, restartPolicy: RestartPolicy): ContainerWorker {
    const worker = startContainerWorker({
      services,
      container,
      restartPolicy,
      pod: () => pod,
      paths: containerPaths(container, targets),
      podIp: podIp ?? '127.0.0.1',
      podDirectory: directory,
      changed: publish,
    });
    workers.set(container.name, worker);
    return worker;
  }

  /** False when an init container has failed for good or the pod is being stopped. */
  async function initialize(restartPolicy: RestartPolicy): Promise<boolean> {
    for (const container of initContainers) {
      stopping.signal.throwIfAborted();
      if (container.restartPolicy === 'Always') {
        await start(container, 'Always').started;
        continue;
      }
      const exitCode = await start(container, restartPolicy === 'Never' ? 'Never' : 'OnFailure').finished;
      if (exitCode !== 0) {
        return false;
      }
    }
    stopping.signal.throwIfAborted();
    return true;
  }

  async function work(): Promise<void> {
    const restartPolicy = pod.spec.restartPolicy ?? 'Always';
    volumesInUse.hold(pod);
    publish();
    await mkdir(directory, { recursive: true });
    targets = await waitForVolumes({ services, directory, dependencies, pod: () => pod, signal: stopping.signal });
    podIp = services.addresses.allocate(options.nodeIndex);
    reportDevices(services, pod, targets);
    sandboxReady = true;
    publish();
    initialized = await initialize(restartPolicy);
    publish();
    const main = initialized ? containers.map((container) => start(container, restartPolicy)) : [];
    const exitCodes = await Promise.all(main.map((worker) => worker.finished));
    await stopContainers(initContainers, graceSeconds());
    outcome = initialized && exitCodes.every((exitCode) => exitCode === 0) ? 'Succeeded' : 'Failed';
  }

  function graceSeconds(): number {
    return pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  }

  async function stopContainers(which: readonly Container[], seconds: number): Promise<void> {
    await Promise.all(
      which.map(async (container) => {
        const worker = workers.get(container.name);
        if (worker?.status.state.running !== undefined) {
          const message = `Stopping container ${container.name}`;
          podEvent(services, pod, { type: 'Normal', reason: 'Killing', message, container });
        }
        await worker?.stop(seconds);
      }),
    );
  }

  const worked = work()
    .catch((error: unknown) => {
      if (!stopping.signal.aborted && !services.context.signal.aborted) {
        console.error(`kubelet failed to run pod ${pod.metadata.namespace}/${pod.metadata.name}:`, error);
      }
      outcome = 'Failed';
    })
    .finally(() => {
      volumesInUse.release(pod);
      if (podIp !== undefined) {
        services.addresses.free(podIp);
      }
      publish();
    });

  async function endPod(how: 'graceful' | 'at-once'): Promise<void> {
    const seconds = how === 'graceful' ? graceSeconds() : 0;
    stopping.abort(new Error('The pod is being stopped.'));
    // Sidecars see the other containers end first.
    await stopContainers(containers, seconds);
    await stopContainers(initContainers, seconds);
    await worked;
    await rm(directory, { recursive: true, force: true });
  }

  return {
    uid: pod.metadata.uid,
    update(next) {
      pod = next;
    },
    container: (name) => workers.get(name),
    report: publish,
    terminate(how) {
      termination ??= endPod(how);
      return termination;
    },
  };
}
