import { isTerminated, type Pod } from '../objects/pod.ts';
import { createChangeSignal } from './change-signal.ts';
import type { ContainerWorker } from './container-worker.ts';
import { startPodWorker, type PodWorker } from './pod-worker.ts';
import type { KubeletServices } from './services.ts';
import { createVolumesInUse } from './volumes-in-use.ts';

/** The kubelets of all nodes: they share this process, hence one object. */
export interface Kubelets {
  container(pod: Pod, name: string): ContainerWorker | undefined;
  /** The node loses power: every process of its pods is gone at once, and nothing is said about them until it is back. */
  powerOff(node: string): Promise<void>;
  /** Pods that are to be restarted run anew, the others have failed. */
  powerOn(node: string): void;
  /** Kills all pods; resolves when none is being worked on. */
  kill(): Promise<void>;
}

/** Starts, watches and ends the pods that are bound to the cluster's nodes. */
export function startKubelets(services: KubeletServices): Kubelets {
  const { context } = services;
  const { pods, attachments, claims, volumes, configMaps, secrets } = context.resources;
  const workers = new Map<string, PodWorker>();
  const volumesInUse = createVolumesInUse(context);
  const dependencies = createChangeSignal([attachments, claims, volumes, configMaps, secrets]);
  const terminations = new Map<string, Promise<void>>();
  const down = new Set<string>();

  async function end(pod: Pod, worker: PodWorker): Promise<void> {
    const { uid } = pod.metadata;
    await worker.terminate('graceful');
    workers.delete(uid);
    terminations.delete(uid);
    if (!context.signal.aborted) {
      pods.delete(pod, { gracePeriodSeconds: 0 });
    }
  }

  function endOnce(pod: Pod, worker: PodWorker): void {
    const { uid } = pod.metadata;
    if (!terminations.has(uid)) {
      terminations.set(uid, end(pod, worker));
    }
  }

  function accept(pod: Pod): void {
    const nodeIndex = context.nodes.findIndex((node) => node.name === pod.spec.nodeName);
    const node = context.nodes[nodeIndex];
    if (node === undefined || isTerminated(pod) || context.signal.aborted || down.has(node.name)) {
      return;
    }
    const isNodeUp = (): boolean => !down.has(node.name);
    const worker = startPodWorker({ services, pod, nodeIndex, hostIp: node.ip, isNodeUp, volumesInUse, dependencies });
    workers.set(pod.metadata.uid, worker);
  }

  function sync(pod: Pod): void {
    if (pod.spec.nodeName === undefined || down.has(pod.spec.nodeName)) {
      return;
    }
    const worker = workers.get(pod.metadata.uid);
    worker?.update(pod);
    if (pod.metadata.deletionTimestamp === undefined) {
      if (worker === undefined) {
        accept(pod);
      }
    } else if (worker !== undefined) {
      endOnce(pod, worker);
    } else if (pod.metadata.deletionGracePeriodSeconds !== 0) {
      pods.delete(pod, { gracePeriodSeconds: 0 });
    }
  }

  pods.watch(({ type, object }) => {
    // Out of the write that caused the event, as everything a kubelet does.
    setImmediate(() => {
      if (context.signal.aborted) {
        return;
      }
      if (type !== 'DELETED') {
        const current = pods.get(object.metadata.name, object.metadata.namespace);
        if (current !== undefined && current.metadata.uid === object.metadata.uid) {
          sync(current);
        }
        return;
      }
      const worker = workers.get(object.metadata.uid);
      if (worker !== undefined) {
        endOnce(object, worker);
      }
    });
  });
  for (const pod of pods.list()) {
    sync(pod);
  }

  const podsOn = (node: string): readonly Pod[] => pods.list().filter(({ spec }) => spec.nodeName === node);

  return {
    container: (pod, name) => workers.get(pod.metadata.uid)?.container(name),
    async powerOff(node) {
      down.add(node);
      const lost = podsOn(node).flatMap((pod) => workers.get(pod.metadata.uid) ?? []);
      await Promise.all(lost.map((worker) => worker.terminate('at-once')));
    },
    powerOn(node) {
      down.delete(node);
      for (const pod of podsOn(node)) {
        const worker = workers.get(pod.metadata.uid);
        const ended = pod.spec.restartPolicy === 'Never' || pod.metadata.deletionTimestamp !== undefined;
        if (ended) worker?.report();
        else workers.delete(pod.metadata.uid);
        sync(pods.get(pod.metadata.name, pod.metadata.namespace) ?? pod);
      }
    },
    async kill() {
      await Promise.all([...workers.values()].map((worker) => worker.terminate('at-once')));
      await Promise.all(terminations.values());
    },
  };
}
