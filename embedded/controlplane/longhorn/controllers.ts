import { startAttachmentController } from './attachment/attachment-controller.ts';
import { startBackingImageController } from './backing-image/backing-image-controller.ts';
import { startDataSourceController } from './backing-image/data-source-controller.ts';
import { startFileManagerController } from './backing-image/file-manager-controller.ts';
import { createFileStore } from './backing-image/file-store.ts';
import { startCloneController } from './clone/clone-controller.ts';
import type { LonghornCluster } from './cluster/longhorn-cluster.ts';
import { startReleaseController } from './cluster/release-controller.ts';
import { startEngineFrontendController } from './engine-frontend/engine-frontend-controller.ts';
import { startEngineController } from './engine/engine-controller.ts';
import { startInstanceManagerPods } from './instance-manager/instance-manager-pods.ts';
import { startInstanceManagerMonitor } from './instance-manager/instance-manager-monitor.ts';
import { startNodeController } from './node/node-controller.ts';
import { startOrphanMonitor } from './orphan/orphan-monitor.ts';
import { startReplicaController } from './replica/replica-controller.ts';
import { startSettingController } from './settings/setting-controller.ts';
import { startSnapshotController } from './snapshot/snapshot-controller.ts';
import { startExpansionController } from './volume/expansion-controller.ts';
import { startSnapshotMonitor } from './snapshot/snapshot-monitor.ts';
import { startKubernetesStatusController } from './volume/kubernetes-status.ts';
import { startSupportBundleController } from './support-bundle/support-bundle-controller.ts';
import { startVolumeController } from './volume/volume-controller.ts';

/** Starts every controller; the result waits for them to end after the cluster's signal was aborted. */
export function startControllers(
  cluster: LonghornCluster,
  onError: (controller: string, key: string, error: unknown) => void,
): () => Promise<void> {
  const report = (controller: string) => (key: string, error: unknown) => {
    onError(controller, key, error);
  };
  const files = createFileStore(cluster.directory);
  const engines = startEngineController(cluster, report('engine'));
  const controllers = [
    startNodeController(cluster, report('node')),
    startSettingController(cluster, report('setting')),
    startVolumeController(cluster, report('volume')),
    startAttachmentController(cluster, report('volume-attachment')),
    startExpansionController(cluster, report('volume-expansion')),
    startCloneController(cluster, report('volume-clone')),
    startReplicaController(cluster, report('replica')),
    engines,
    ...(cluster.engineFrontends === undefined
      ? []
      : [startEngineFrontendController(cluster, cluster.engineFrontends, report('engine-frontend'))]),
    startInstanceManagerPods(cluster, report('instance-manager')),
    startSnapshotController(cluster, (engine) => engines.refresh(engine), report('snapshot')),
    startSnapshotMonitor(cluster, report('snapshot-monitor')),
    startBackingImageController(cluster, files, report('backing-image')),
    startDataSourceController(cluster, files, report('backing-image-data-source')),
    startFileManagerController(cluster, files, report('backing-image-manager')),
    startSupportBundleController(cluster, report('support-bundle')),
    startKubernetesStatusController(cluster, report('kubernetes-pv')),
    startReleaseController(cluster, report('release')),
  ];
  const monitors = [
    startInstanceManagerMonitor(cluster, report('instance-manager')),
    startOrphanMonitor(cluster, report('orphan')),
  ];
  return async () => {
    await Promise.all([...controllers.map((controller) => controller.settled()), ...monitors]);
  };
}
