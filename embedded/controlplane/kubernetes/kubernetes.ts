import { setMaxListeners } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterStore } from '../../apiserver/store.ts';
import type { Clock } from '../../clock.ts';
import type { PodBackend } from '../../runtime/contract.ts';
import type { ImageCatalog } from '../../runtime/image-catalog.ts';
import { createPodAddresses } from '../../runtime/pod-addresses.ts';
import { createProcessGroups } from '../../runtime/process-group.ts';
import { createToolDirectory } from '../../runtime/tool-directory.ts';
import type { CsiDriver } from '../csi.ts';
import type { ClusterNetwork } from '../network.ts';
import {
  createResources,
  type ClusterContext,
  type ClusterNode,
  type Controller,
  type PodIdentity,
} from './context.ts';
import { createCsiRegistry } from './csi-registry.ts';
import { createEventRecorder } from './event-recorder.ts';
import { createIdentifiers } from './identifiers.ts';
import { startKubelets } from './kubelet/kubelet.ts';
import { createPodBackend } from './kubelet/pod-backend.ts';
import { startNodeLeases } from './kubelet/node-lease.ts';
import { createNodeObjects } from './node-objects.ts';
import { startReboots } from './reboots.ts';
import { startScheduler } from './scheduling/scheduler.ts';
import { createClusterNetwork } from './services/cluster-network.ts';
import { startEndpoints } from './services/endpoints.ts';
import { startAttachDetach } from './storage/attach-detach.ts';
import { startAttacher } from './storage/attacher.ts';
import { startClaimBinder } from './storage/claim-binder.ts';
import { startClaimProtection } from './storage/claim-protection.ts';
import { startProvisioner } from './storage/provisioner.ts';
import { startResizer } from './storage/resizer.ts';
import { startVolumeReclaimer } from './storage/volume-reclaimer.ts';
import { startWorkloads } from './workloads/workloads.ts';

export interface KubernetesOptions {
  store: ClusterStore;
  clock: Clock;
  nodes: readonly ClusterNode[];
  /** The cluster's own directory; everything of the pods lies in `kubelet` below it and is removed in the end. */
  directory: string;
  csiDrivers: readonly CsiDriver[];
  images: ImageCatalog;
  seed: string;
  /** Where pods find the API, and as whom; by default nowhere. */
  identity?: () => PodIdentity | undefined;
  /** Told when a node loses power, and when it is back. */
  onPower?: (node: string, power: 'off' | 'on') => Promise<void>;
}

export interface Kubernetes {
  readonly backend: PodBackend;
  readonly network: ClusterNetwork;
  /** Serves a further driver's claims and attachments from now on. */
  registerCsiDriver(driver: CsiDriver): void;
  /** Kills all pods, at once; resolves when nothing runs and no file is left. */
  stop(): Promise<void>;
}

function startControllers(context: ClusterContext): Controller[] {
  return [
    startScheduler(context),
    startClaimBinder(context),
    startClaimProtection(context),
    startProvisioner(context),
    startResizer(context),
    startVolumeReclaimer(context),
    startAttachDetach(context),
    startAttacher(context),
    startEndpoints(context),
    ...startWorkloads(context),
  ];
}

/**
 * Starts what a cluster has besides its API server: nodes with kubelets whose pods are processes of this machine, the
 * scheduler, the volume controllers with CSI's sidecars, services and the workload controllers. Node objects exist when
 * it returns; everything else follows in the background.
 */
export function startKubernetes(options: KubernetesOptions): Kubernetes {
  const { store, clock, nodes, images, seed } = options;
  const stopping = new AbortController();
  // Every controller and every wait listens to it.
  setMaxListeners(0, stopping.signal);
  const directory = join(options.directory, 'kubelet');
  const resources = createResources(store, stopping.signal);
  const context: ClusterContext = {
    resources,
    clock,
    nodes,
    events: createEventRecorder({ store, clock }),
    identifiers: createIdentifiers(seed),
    csi: createCsiRegistry(options.csiDrivers),
    identity: options.identity ?? (() => undefined),
    signal: stopping.signal,
  };
  createNodeObjects(context);
  startNodeLeases(context, store);
  const reboots = startReboots(context, {
    kubelets: async () => (await ready).kubelets,
    onPower: options.onPower ?? (() => Promise.resolve()),
  });
  const controllers = startControllers(context);
  const groups = createProcessGroups({ directory });

  async function startNodes() {
    await mkdir(directory, { recursive: true });
    const [tools, addresses] = await Promise.all([createToolDirectory(directory), createPodAddresses({ seed })]);
    const podsDirectory = join(directory, 'pods');
    const kubelets = startKubelets({
      context,
      groups,
      images,
      tools,
      addresses,
      podsDirectory,
      clusterDirectory: options.directory,
    });
    return { kubelets, addresses };
  }

  const ready = startNodes();
  let running: Awaited<typeof ready> | undefined;
  ready.then(
    (started) => {
      running = started;
    },
    (error: unknown) => console.error('The embedded kubelets did not start; pods will stay Pending:', error),
  );

  return {
    backend: createPodBackend({ resources, ready, container: (pod, name) => running?.kubelets.container(pod, name) }),
    network: createClusterNetwork(resources),
    registerCsiDriver: (driver) => context.csi.register(driver),
    async stop() {
      stopping.abort(new Error('The embedded cluster is stopping.'));
      groups.killAll();
      const started = await ready.catch(() => undefined);
      await started?.kubelets.kill();
      await Promise.all([...controllers.map((controller) => controller.idle()), reboots.idle()]);
      await started?.addresses.close();
      await groups.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
