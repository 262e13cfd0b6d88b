import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createObjectStore } from './apiserver/object-store.ts';
import { startApiServer, type ApiServer, type ApiServerOptions } from './apiserver/server.ts';
import { createClock } from './clock.ts';
import type { PodIdentity } from './controlplane/kubernetes/context.ts';
import { startKubernetes } from './controlplane/kubernetes/kubernetes.ts';
import { createLonghorn } from './controlplane/longhorn/longhorn.ts';
import { createDataPlane } from './dataplane/data-plane.ts';
import { claimDirectory } from './directory.ts';
import { embeddedImages } from './images.ts';
import { FaultNote } from './faults/note.ts';
import { type TopologyName, topology } from './topology.ts';
import { armFault, type FaultRequest } from './faults/request.ts';
import type { LivenessReport } from './faults/liveness.ts';
import { type LonghornVersion, versionProfile } from './versions/profile.ts';

export interface EmbeddedClusterOptions {
  readonly longhorn: LonghornVersion;
  readonly topology: TopologyName;
  /** 1 is Longhorn's real time. */
  readonly timeScale: number;
  /** Size of each block disk; the file behind it is sparse. */
  readonly blockDiskBytes: number;
  /** Port of the API server; 0 takes a free one. */
  readonly port: number;
  readonly seed: string;
  /** What the cluster is to do wrong, or unusually. */
  readonly fault?: FaultRequest;
  /** What a rebuild waits after each cluster that it copies; 0 by default. */
  readonly copyPauseMs?: number;
  /** Told of each request that the API server gets for a resource. */
  readonly onRequest?: ApiServerOptions['onRequest'];
}

export interface EmbeddedCluster {
  readonly longhorn: LonghornVersion;
  readonly topology: TopologyName;
  readonly kubeconfigPath: string;
  readonly context: string;
  readonly url: string;
  /** What its fault really changed so far; undefined without one. Also in `fault.json` beside the kubeconfig. */
  fault(): LivenessReport | undefined;
  /** Ends everything the cluster started and removes everything it wrote. */
  stop(): Promise<void>;
}

/**
 * Starts a Kubernetes API with Longhorn and a V2 data plane behind it, in this process. Several can run side by side.
 * It is embedded: nothing of it is a real cluster, and its kubeconfig context is named so.
 */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const directory = await claimDirectory();
  const clock = createClock(options.timeScale);
  const profile = versionProfile(options.longhorn);
  const { nodes, settings } = topology(options.topology, options);
  const { seed } = options;
  const faultNote = new FaultNote(join(directory, 'fault.json'));
  const armed = options.fault && armFault(options.fault, seed, (liveness) => faultNote.keep(liveness));

  const hooks = armed?.hooks ?? {};
  const { copyPauseMs = 0 } = options;
  const dataPlane = await createDataPlane({ directory, profile: profile.dataPlane, clock, seed, hooks, copyPauseMs });
  const longhorn = createLonghorn({
    profile,
    clock,
    dataPlane,
    nodes,
    seed,
    settings: { ...settings, ...armed?.settings },
    v2Enabled: true,
    directory: join(directory, 'filesystem-disks'),
  });
  const store = createObjectStore({ customResources: longhorn.customResources, admission: [longhorn.admission] });
  const started: { server?: ApiServer } = {};
  const kubernetes = startKubernetes({
    store,
    clock,
    nodes,
    directory,
    csiDrivers: [longhorn.csi],
    images: await embeddedImages({ directory, dataPlane }),
    seed,
    identity: () => started.server && podIdentity(started.server),
    onPower: (node, power) => (power === 'off' ? dataPlane.node(node).powerOff() : dataPlane.node(node).powerOn()),
  });
  await longhorn.start(store, kubernetes.network);
  const server = await startApiServer({
    store,
    backend: () => kubernetes.backend,
    port: options.port,
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
  });

  started.server = server;
  const kubeconfigPath = join(directory, 'kubeconfig');
  await writeFile(kubeconfigPath, server.kubeconfig, { mode: 0o600 });
  return {
    longhorn: options.longhorn,
    topology: options.topology,
    kubeconfigPath,
    context: 'embedded',
    url: server.url,
    fault: () => armed?.liveness.report(),
    async stop() {
      await server.close();
      await longhorn.stop();
      await kubernetes.stop();
      await dataPlane.close();
      store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function podIdentity(server: ApiServer): PodIdentity {
  const { hostname, port } = new URL(server.url);
  return { host: hostname, port: Number(port), issueToken: (account) => server.issueToken(account) };
}
