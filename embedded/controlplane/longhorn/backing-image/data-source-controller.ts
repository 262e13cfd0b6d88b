import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { backingImageManagerName } from '../cluster/names.ts';
import type { BackingImage, BackingImageDataSource } from '../model/backing-image.ts';
import { isTerminating } from '../model/replica.ts';
import { deletePod, ensurePod, podAddress } from '../workloads/pod.ts';
import type { FileStore } from './file-store.ts';
import { fetchFile } from './source-file.ts';
import { sourcePod, sourcePodName } from './source-pod.ts';
import { setSourceStatus } from './source-status.ts';
import type { SourceStatus } from './source-status.ts';

const podStartSeconds = 2;
const firstRetrySeconds = 60;
const lastRetrySeconds = 300;

interface SourceWork {
  cluster: LonghornCluster;
  files: FileStore;
  controller: Controller;
  /** Downloads under way, to be given up when the image is deleted. */
  downloads: Map<string, AbortController>;
  failures: Map<string, number>;
}

/**
 * Gets an image's first file onto a filesystem disk: download, conversion to raw for V2, checksum, hand-over.
 * Source: longhorn-manager:controller/backing_image_data_source_controller.go@v1.11.3.
 */
export function startDataSourceController(
  cluster: LonghornCluster,
  files: FileStore,
  onError: (key: string, error: unknown) => void,
): Controller {
  const controller: Controller = createController({
    name: 'longhorn-backing-image-data-source',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => syncSource(work, name),
  });
  const work: SourceWork = { cluster, files, controller, downloads: new Map(), failures: new Map() };
  for (const resource of [cluster.dataSources.resource, cluster.backingImages.resource]) {
    cluster.store.watch(resource, (event) => {
      const name = event.object.metadata.name;
      if (event.object.metadata.deletionTimestamp !== undefined) work.downloads.get(name)?.abort();
      controller.enqueue(name);
    });
  }
  cluster.store.watch(cluster.fileManagers.resource, () => {
    for (const source of cluster.dataSources.list()) {
      if (source.status?.currentState === 'ready-for-transfer') controller.enqueue(source.metadata.name);
    }
  });
  return controller;
}

async function syncSource(work: SourceWork, name: string): Promise<void> {
  const { cluster } = work;
  const source = cluster.dataSources.get(name);
  if (source === undefined) return;
  const image = cluster.backingImages.get(name);
  if (isTerminating(source)) {
    deletePod(cluster, sourcePodName(name));
    cluster.dataSources.removeFinalizer(name);
    return;
  }
  if (source.status === undefined) {
    cluster.dataSources.changeStatus(name, (draft) => {
      draft.status = newSourceStatus(draft.spec.nodeID);
    });
    return;
  }
  if (image === undefined || isTerminating(image)) {
    if (!source.spec.fileTransferred) setSourceStatus(cluster, name, { currentState: 'failed-and-cleanup' });
    return;
  }
  if (source.spec.fileTransferred) {
    deletePod(cluster, sourcePodName(name));
    setSourceStatus(cluster, name, { ip: '', storageIP: '', currentState: 'ready' });
    return;
  }
  requestFile(cluster, image, source.spec.diskUUID);
  switch (source.status.currentState) {
    case '':
      await prepareFile(work, source, image);
      break;
    case 'ready-for-transfer':
      if (isTakenOver(cluster, source)) setSourceStatus(cluster, name, { currentState: 'ready' });
      break;
    case 'failed':
      retryLater(work, name);
      break;
    case 'failed-and-cleanup':
      setSourceStatus(cluster, name, { currentState: '', progress: 0, message: '', size: 0, checksum: '' });
      break;
    default:
      break;
  }
}

function requestFile(cluster: LonghornCluster, image: BackingImage, diskUuid: string): void {
  const map = image.spec.diskFileSpecMap ?? {};
  if (map[diskUuid] !== undefined) return;
  cluster.backingImages.change(image.metadata.name, (draft) => {
    draft.spec.diskFileSpecMap = {
      ...draft.spec.diskFileSpecMap,
      [diskUuid]: { dataEngine: 'v1', evictionRequested: false },
    };
    draft.spec.secret ??= '';
    draft.spec.secretNamespace ??= '';
  });
}

async function prepareFile(work: SourceWork, source: BackingImageDataSource, image: BackingImage): Promise<void> {
  const { cluster } = work;
  const name = source.metadata.name;
  setSourceStatus(cluster, name, { runningParameters: source.spec.parameters, currentState: 'pending' });
  ensurePod(cluster, sourcePod(cluster, source, image));
  await cluster.clock.sleep(podStartSeconds, cluster.signal);
  const address = podAddress(cluster, sourcePodName(name), source.spec.nodeID);
  setSourceStatus(cluster, name, { ip: address, storageIP: address, currentState: 'starting' });
  const cancel = new AbortController();
  work.downloads.set(name, cancel);
  try {
    await fetchFile({
      cluster,
      files: work.files,
      source,
      image,
      signal: AbortSignal.any([cluster.signal, cancel.signal]),
    });
    work.failures.delete(name);
  } catch (error) {
    if (cluster.signal.aborted || cancel.signal.aborted) return;
    setSourceStatus(cluster, name, {
      currentState: 'failed',
      message: error instanceof Error ? error.message : String(error),
    });
  } finally {
    work.downloads.delete(name);
  }
}

function retryLater(work: SourceWork, name: string): void {
  const { cluster, controller, failures } = work;
  const count = (failures.get(name) ?? 0) + 1;
  failures.set(name, count);
  deletePod(cluster, sourcePodName(name));
  const wait = Math.min(lastRetrySeconds, firstRetrySeconds * 2 ** (count - 1));
  cluster.clock.sleep(wait, cluster.signal).then(
    () => {
      setSourceStatus(cluster, name, { currentState: 'failed-and-cleanup' });
      controller.enqueue(name);
    },
    () => undefined,
  );
}

function isTakenOver(cluster: LonghornCluster, source: BackingImageDataSource): boolean {
  const manager = backingImageManagerName(
    cluster.profile,
    cluster.profile.images.backingImageManager,
    source.spec.diskUUID,
  );
  return cluster.fileManagers.get(manager)?.status?.backingImageFileMap?.[source.metadata.name]?.state === 'ready';
}

function newSourceStatus(ownerID: string): SourceStatus {
  return {
    ownerID,
    runningParameters: null,
    currentState: '',
    ip: '',
    storageIP: '',
    size: 0,
    progress: 0,
    checksum: '',
    message: '',
  };
}
