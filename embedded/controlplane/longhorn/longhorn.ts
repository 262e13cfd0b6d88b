import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatusError, type Admission, type ClusterStore, type CustomResource } from '../../apiserver/store.ts';
import type { Clock } from '../../clock.ts';
import type { DataPlane } from '../../dataplane/contract.ts';
import type { VersionProfile } from '../../versions/profile.ts';
import type { CsiDriver } from '../csi.ts';
import type { ClusterNetwork } from '../network.ts';
import { createLonghornCluster } from './cluster/longhorn-cluster.ts';
import type { LonghornCluster } from './cluster/longhorn-cluster.ts';
import { seededNames } from './cluster/random.ts';
import { startControllers } from './controllers.ts';
import { createCsiDriver } from './csi/csi-driver.ts';
import { startManagerApi } from './manager-api/manager-api.ts';
import type { ManagerApi } from './manager-api/manager-api.ts';
import { customResourcesOf } from './resources/custom-resources.ts';
import { seedBackupTarget } from './seed/backup-target.ts';
import { seedEngineImage } from './seed/engine-image.ts';
import { seedInstanceManager } from './seed/instance-managers.ts';
import { seedInstallation, seedNamespace, seedWorkloads } from './seed/kubernetes-objects.ts';
import { seedNode, seedSettings } from './seed/longhorn-objects.ts';
import type { SeedNode } from './seed/longhorn-objects.ts';
import { createAdmission } from './webhooks/admission.ts';

export interface LonghornOptions {
  readonly profile: VersionProfile;
  readonly clock: Clock;
  readonly dataPlane: DataPlane;
  readonly nodes: readonly SeedNode[];
  readonly seed: string;
  /** Settings that differ from the release's defaults; plain values count for all engines. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether the V2 data engine is on; true unless said otherwise. */
  readonly v2Enabled?: boolean;
  /** Where the files of filesystem disks go; a temporary directory when absent. */
  readonly directory?: string;
}

/** Longhorn's control plane for the embedded cluster: one release, on a store and a data plane. */
export interface Longhorn {
  readonly customResources: CustomResource[];
  readonly admission: Admission;
  /**
   * Installs Longhorn and starts its controllers; when it resolves, nodes, disks, settings, engine image and instance
   * managers are there and running. The store must serve `customResources` and run `admission`.
   */
  start(store: ClusterStore, network: ClusterNetwork): Promise<void>;
  readonly csi: CsiDriver;
  /** Ends the controllers and removes the files of the filesystem disks. */
  stop(): Promise<void>;
}

export function createLonghorn(options: LonghornOptions): Longhorn {
  const { profile } = options;
  const end = new AbortController();
  // Every wait of every controller listens to it.
  setMaxListeners(0, end.signal);
  let cluster: LonghornCluster | undefined;
  let settled: () => Promise<void> = () => Promise.resolve();
  let temporary: string | undefined;
  let managerApi: ManagerApi | undefined;
  const runningCluster = (): LonghornCluster => {
    if (cluster === undefined) throw new Error('Longhorn has not been started.');
    return cluster;
  };
  return {
    customResources: customResourcesOf(profile.version),
    admission: createAdmission(profile, () => cluster),
    csi: createCsiDriver(runningCluster),
    async start(store, network) {
      if (options.directory === undefined) temporary = await mkdtemp(join(tmpdir(), 'v2v-lh-'));
      const { clock, dataPlane } = options;
      const directory = options.directory ?? temporary ?? '';
      const names = seededNames(options.seed);
      const parts = { store, network, dataPlane, clock, profile, names, signal: end.signal, directory };
      cluster = createLonghornCluster(parts);
      await install(cluster, options);
      const tell = failureTeller();
      settled = startControllers(cluster, (controller, key, error) => {
        if (!end.signal.aborted) tell(controller, key, error);
      });
      managerApi = startManagerApi(cluster);
    },
    async stop() {
      end.abort(new Error('Longhorn was stopped.'));
      await managerApi?.stop();
      await settled();
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    },
  };
}

/**
 * Tells each failure once, however often it is tried again. Refusals by the API server are everyday: somebody else was
 * faster. What Longhorn itself would say is one line; anything else is a defect of the model, and comes with its stack.
 */
function failureTeller(): (controller: string, key: string, error: unknown) => void {
  const told = new Set<string>();
  return (controller, key, error) => {
    if (error instanceof StatusError) return;
    const line = `longhorn ${controller} controller failed on ${key} and will try again:`;
    const whole = `${line} ${String(error)}`;
    if (told.has(whole)) return;
    told.add(whole);
    if (error instanceof Error && error.name === 'Error') console.error(`${line} ${error.message}`);
    else console.error(line, error);
  };
}

async function install(cluster: LonghornCluster, options: LonghornOptions): Promise<void> {
  const { nodes, profile } = options;
  const v2 = options.v2Enabled !== false;
  seedNamespace(cluster.store);
  seedInstallation(cluster.store, profile);
  seedSettings(cluster, { 'v2-data-engine': String(v2), ...options.settings });
  for (const node of nodes) await seedNode(cluster, node);
  seedBackupTarget(cluster, nodes[0]?.name ?? '');
  seedEngineImage(cluster, nodes);
  for (const node of nodes) {
    seedInstanceManager(cluster, node.name, 'v1');
    if (v2) seedInstanceManager(cluster, node.name, 'v2');
  }
  seedWorkloads(cluster.store, profile, nodes.length);
}
