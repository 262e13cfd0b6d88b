import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys, managedByLonghorn } from '../cluster/names.ts';
import type { BackingImageManager, ManagedFile } from '../model/backing-image.ts';
import { isTerminating } from '../model/replica.ts';
import { deletePod, ensurePod, podAddress } from '../workloads/pod.ts';
import type { FileStore } from './file-store.ts';
import type { ImageFile } from './image-file.ts';

const podStartSeconds = 3;
const syncSeconds = 1;

interface ManagerWork {
  cluster: LonghornCluster;
  files: FileStore;
  recorder: EventRecorder;
}

/**
 * Keeps the image files of one filesystem disk: takes the first over from the data source, syncs others from a
 * manager that has them, drops what is not asked for any more.
 * Source: longhorn-manager:controller/backing_image_manager_controller.go@v1.11.3.
 */
export function startFileManagerController(
  cluster: LonghornCluster,
  files: FileStore,
  onError: (key: string, error: unknown) => void,
): Controller {
  const recorder = cluster.recorderOf('longhorn-backing-image-manager-controller');
  const work: ManagerWork = { cluster, files, recorder };
  const controller = createController({
    name: 'longhorn-backing-image-manager',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => syncManager(work, name),
  });
  cluster.store.watch(cluster.fileManagers.resource, () => {
    for (const manager of cluster.fileManagers.list()) controller.enqueue(manager.metadata.name);
  });
  cluster.store.watch(cluster.dataSources.resource, (event) => {
    for (const manager of cluster.fileManagers.list()) {
      if (manager.spec.backingImages[event.object.metadata.name] !== undefined)
        controller.enqueue(manager.metadata.name);
    }
  });
  return controller;
}

async function syncManager(work: ManagerWork, name: string): Promise<void> {
  const { cluster, recorder } = work;
  const manager = cluster.fileManagers.get(name);
  if (manager === undefined) return;
  if (isTerminating(manager)) {
    await dropFiles(work, manager, () => false);
    deletePod(cluster, name);
    cluster.fileManagers.removeFinalizer(name);
    return;
  }
  const place = `disk ${manager.spec.diskUUID} on node ${manager.spec.nodeID}`;
  if (manager.status === undefined) {
    cluster.fileManagers.changeStatus(name, (draft) => {
      draft.status = newManagerStatus(draft.spec.nodeID);
    });
    return;
  }
  if (manager.status.currentState !== 'running') {
    const creating = `Creating backing image manager pod ${name} for ${place}`;
    recorder.normal(manager, 'Create', `${creating}. Backing image manager state will become starting`);
    ensurePod(cluster, managerPod(cluster, manager));
    setStatus(cluster, name, { backingImageFileMap: {}, currentState: 'starting' });
    await cluster.clock.sleep(podStartSeconds, cluster.signal);
    recorder.normal(manager, 'Update', 'Backing image manager becomes state running');
    const ip = podAddress(cluster, name, manager.spec.nodeID);
    setStatus(cluster, name, { currentState: 'running', ip, storageIP: ip, apiMinVersion: 3, apiVersion: 3 });
    return;
  }
  for (const [image, uuid] of Object.entries(manager.spec.backingImages)) {
    const known = manager.status.backingImageFileMap?.[image];
    if (known?.state === 'ready' && known.uuid === uuid) continue;
    await obtainFile(work, manager, image, uuid, place);
  }
  await dropFiles(work, manager, (image) => manager.spec.backingImages[image] !== undefined);
}

async function obtainFile(
  work: ManagerWork,
  manager: BackingImageManager,
  image: string,
  uuid: string,
  place: string,
): Promise<void> {
  const { cluster, files, recorder } = work;
  const name = manager.metadata.name;
  const source = cluster.dataSources.get(image);
  const own = files.get(manager.spec.diskUUID, uuid);
  if (source !== undefined && source.spec.diskUUID === manager.spec.diskUUID && !source.spec.fileTransferred) {
    if (source.status?.currentState !== 'ready-for-transfer' || own === undefined) return;
    recorder.normal(manager, 'Fetching', `Fetched the first file for backing image ${image} in ${place}`);
    setFile(cluster, name, fileRecord(image, uuid, own, 'ready'));
    return;
  }
  if (own !== undefined) {
    setFile(cluster, name, fileRecord(image, uuid, own, 'ready'));
    return;
  }
  const sender = cluster.fileManagers
    .list()
    .find((other) => other.metadata.name !== name && other.status?.backingImageFileMap?.[image]?.state === 'ready');
  const content = files.find(uuid);
  if (sender === undefined || content === undefined) return;
  const from = `${sender.metadata.name}(${sender.status?.ip ?? ''})`;
  recorder.normal(manager, 'Syncing', `Syncing backing image ${image} in ${place} from ${from}`);
  setFile(cluster, name, fileRecord(image, uuid, content, 'starting'));
  await cluster.clock.sleep(syncSeconds, cluster.signal);
  const copied = await files.copy(uuid, image, manager.spec.diskUUID);
  setFile(cluster, name, fileRecord(image, uuid, copied, 'ready'));
}

function fileRecord(name: string, uuid: string, file: ImageFile, state: 'starting' | 'ready'): ManagedFile {
  const ready = state === 'ready';
  return {
    name,
    uuid,
    size: file.sizeBytes,
    virtualSize: ready ? file.virtualSizeBytes : 0,
    realSize: ready ? file.sizeBytes : 0,
    state,
    currentChecksum: ready ? file.checksum : '',
    message: '',
    sendingReference: 0,
    senderManagerAddress: '',
    progress: ready ? 100 : 0,
  };
}

async function dropFiles(
  work: ManagerWork,
  manager: BackingImageManager,
  keep: (image: string) => boolean,
): Promise<void> {
  const { cluster, files } = work;
  for (const [image, record] of Object.entries(manager.status?.backingImageFileMap ?? {})) {
    if (keep(image)) continue;
    await files.remove(manager.spec.diskUUID, record.uuid);
    cluster.fileManagers.changeStatus(manager.metadata.name, (draft) => {
      const { [image]: _gone, ...rest } = draft.status?.backingImageFileMap ?? {};
      if (draft.status !== undefined) draft.status.backingImageFileMap = rest;
    });
  }
}

type ManagerStatus = NonNullable<BackingImageManager['status']>;

function setStatus(cluster: LonghornCluster, name: string, change: Partial<ManagerStatus>): void {
  cluster.fileManagers.changeStatus(name, (draft) => {
    if (draft.status !== undefined) draft.status = { ...draft.status, ...change };
  });
}

function setFile(cluster: LonghornCluster, name: string, record: ManagedFile): void {
  cluster.fileManagers.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    draft.status.backingImageFileMap = { ...draft.status.backingImageFileMap, [record.name]: record };
  });
}

function managerPod(cluster: LonghornCluster, manager: BackingImageManager): Parameters<typeof ensurePod>[1] {
  return {
    name: manager.metadata.name,
    labels: {
      [labelKeys.component]: 'backing-image-manager',
      ...managedByLonghorn,
      'longhorn.io/node': manager.spec.nodeID,
      'longhorn.io/disk-uuid': manager.spec.diskUUID,
    },
    container: 'backing-image-manager',
    image: cluster.profile.images.backingImageManager,
    nodeName: manager.spec.nodeID,
    args: ['backing-image-manager', 'daemon'],
    privileged: true,
  };
}

function newManagerStatus(ownerID: string): ManagerStatus {
  return {
    ownerID,
    currentState: '',
    backingImageFileMap: null,
    ip: '',
    storageIP: '',
    apiMinVersion: 0,
    apiVersion: 0,
  };
}
