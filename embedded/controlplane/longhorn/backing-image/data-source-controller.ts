import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { backingImageManagerName, labelKeys, managedByLonghorn } from '../cluster/names.ts';
import type { BackingImage, BackingImageDataSource } from '../model/backing-image.ts';
import { isTerminating } from '../model/replica.ts';
import { deletePod, ensurePod, podAddress } from '../workloads/pod.ts';
import { openDownload } from './download.ts';
import type { FileStore } from './file-store.ts';
import { convertToRaw, receiveFile } from './image-file.ts';

const podStartSeconds = 2;
const progressSeconds = 1;
const firstRetrySeconds = 60;
const lastRetrySeconds = 300;

type SourceStatus = NonNullable<BackingImageDataSource['status']>;

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
    deletePod(cluster, podName(name));
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
    if (!source.spec.fileTransferred) setStatus(cluster, name, { currentState: 'failed-and-cleanup' });
    return;
  }
  if (source.spec.fileTransferred) {
    deletePod(cluster, podName(name));
    setStatus(cluster, name, { ip: '', storageIP: '', currentState: 'ready' });
    return;
  }
  requestFile(cluster, image, source.spec.diskUUID);
  switch (source.status.currentState) {
    case '':
      await prepareFile(work, source, image);
      break;
    case 'ready-for-transfer':
      if (isTakenOver(cluster, source)) setStatus(cluster, name, { currentState: 'ready' });
      break;
    case 'failed':
      retryLater(work, name);
      break;
    case 'failed-and-cleanup':
      setStatus(cluster, name, { currentState: '', progress: 0, message: '', size: 0, checksum: '' });
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
  setStatus(cluster, name, { runningParameters: source.spec.parameters, currentState: 'pending' });
  ensurePod(cluster, sourcePod(cluster, source, image));
  await cluster.clock.sleep(podStartSeconds, cluster.signal);
  const address = podAddress(cluster, podName(name), source.spec.nodeID);
  setStatus(cluster, name, { ip: address, storageIP: address, currentState: 'starting' });
  const cancel = new AbortController();
  work.downloads.set(name, cancel);
  try {
    await fetchFile(work, source, image, AbortSignal.any([cluster.signal, cancel.signal]));
    work.failures.delete(name);
  } catch (error) {
    if (cluster.signal.aborted || cancel.signal.aborted) return;
    setStatus(cluster, name, { currentState: 'failed', message: error instanceof Error ? error.message : String(error) });
  } finally {
    work.downloads.delete(name);
  }
}

async function fetchFile(
  work: SourceWork,
  source: BackingImageDataSource,
  image: BackingImage,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, files } = work;
  const name = source.metadata.name;
  if (source.spec.sourceType !== 'download') {
    throw new Error(`source type ${source.spec.sourceType} is not supported by the embedded cluster`);
  }
  const download = await openDownload(source.spec.parameters['url'] ?? '', cluster.network, signal);
  setStatus(cluster, name, { currentState: 'in-progress', size: download.sizeBytes ?? 0 });
  let reportedAt = Date.now();
  const onBytes = (bytes: number): void => {
    if (Date.now() - reportedAt < progressSeconds * 1000 * cluster.clock.timeScale) return;
    reportedAt = Date.now();
    const total = download.sizeBytes ?? 0;
    // 100 is for a file that is complete.
    const progress = total === 0 ? 0 : Math.min(99, Math.floor((100 * bytes) / total));
    setStatus(cluster, name, { progress });
  };
  const path = files.pathOf(source.spec.diskUUID, name, source.spec.uuid);
  const received = await receiveFile(path, download.body, onBytes);
  const file = image.spec.dataEngine === 'v2' ? await convertToRaw(received) : received;
  const expected = source.spec.checksum;
  if (expected !== '' && expected !== file.checksum) {
    throw new Error(`the expected checksum ${expected} doesn't match the file actual checksum ${file.checksum}`);
  }
  files.put(source.spec.diskUUID, source.spec.uuid, file);
  setStatus(cluster, name, {
    currentState: 'ready-for-transfer',
    progress: 100,
    size: file.sizeBytes,
    checksum: file.checksum,
  });
}

function retryLater(work: SourceWork, name: string): void {
  const { cluster, controller, failures } = work;
  const count = (failures.get(name) ?? 0) + 1;
  failures.set(name, count);
  deletePod(cluster, podName(name));
  const wait = Math.min(lastRetrySeconds, firstRetrySeconds * 2 ** (count - 1));
  cluster.clock.sleep(wait, cluster.signal).then(
    () => {
      setStatus(cluster, name, { currentState: 'failed-and-cleanup' });
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

function setStatus(cluster: LonghornCluster, name: string, change: Partial<SourceStatus>): void {
  cluster.dataSources.changeStatus(name, (draft) => {
    if (draft.status !== undefined) draft.status = { ...draft.status, ...change };
  });
}

function podName(image: string): string {
  return `backing-image-ds-${image}`;
}

function sourcePod(cluster: LonghornCluster, source: BackingImageDataSource, image: BackingImage): Parameters<typeof ensurePod>[1] {
  const name = source.metadata.name;
  const engine = image.spec.dataEngine === 'v2' ? ['--parameters', 'data-engine=v2'] : [];
  return {
    name: podName(name),
    labels: {
      [labelKeys.component]: 'backing-image-data-source',
      ...managedByLonghorn,
      'longhorn.io/backing-image-data-source': name,
      'longhorn.io/node': source.spec.nodeID,
      'longhorn.io/disk-uuid': source.spec.diskUUID,
    },
    container: 'backing-image-data-source',
    image: cluster.profile.images.backingImageManager,
    nodeName: source.spec.nodeID,
    args: ['backing-image-manager', 'data-source', '--name', name, '--source-type', source.spec.sourceType, ...engine],
  };
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
