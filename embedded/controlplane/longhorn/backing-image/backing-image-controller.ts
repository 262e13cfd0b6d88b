import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { BackingImage } from '../model/backing-image.ts';
import { isTerminating } from '../model/replica.ts';
import type { FileStore } from './file-store.ts';
import { ensureDataSource, ensureFileManagers, mirrorFiles, releaseFileManagers } from './first-file.ts';
import { freeDisk } from './image-pass.ts';
import type { ImagePass, ImageStatus } from './image-pass.ts';
import { deleteCopy, mirrorV2Copies, prepareFirstCopy, prepareFurtherCopy, removeBadCopies } from './v2-copies.ts';

interface ImageWork {
  cluster: LonghornCluster;
  recorder: EventRecorder;
  files: FileStore;
}

/**
 * Drives backing images from the first file to all copies (longhorn-facts §4.1).
 * Source: longhorn-manager:controller/backing_image_controller.go@v1.11.3.
 */
export function startBackingImageController(
  cluster: LonghornCluster,
  files: FileStore,
  onError: (key: string, error: unknown) => void,
): Controller {
  const recorder = cluster.recorderOf('longhorn-backing-image-controller');
  const controller = createController({
    name: 'longhorn-backing-image',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => syncImage({ cluster, recorder, files }, name),
  });
  const enqueueAll = (): void => {
    for (const image of cluster.backingImages.list()) controller.enqueue(image.metadata.name);
  };
  for (const resource of [cluster.backingImages.resource, cluster.dataSources.resource]) {
    cluster.store.watch(resource, (event) => {
      controller.enqueue(event.object.metadata.name);
    });
  }
  for (const resource of [cluster.fileManagers.resource, cluster.settingObjects.resource]) {
    cluster.store.watch(resource, enqueueAll);
  }
  cluster.store.watch(cluster.instanceManagers.resource, enqueueAll);
  cluster.store.watch(cluster.replicas.resource, (event) => {
    const image = event.object.metadata.labels?.[labelKeys.backingImage];
    if (image !== undefined) controller.enqueue(image);
  });
  return controller;
}

async function syncImage(work: ImageWork, name: string): Promise<void> {
  const { cluster, recorder } = work;
  const image = cluster.backingImages.get(name);
  if (image === undefined) return;
  if (image.status === undefined) {
    cluster.backingImages.changeStatus(name, (draft) => {
      draft.status = newImageStatus(cluster.nodes.list()[0]?.metadata.name ?? '');
    });
    return;
  }
  if (image.status.uuid === '') {
    const uuid = cluster.names.hex(`image/${name}`, 8);
    const initialized = cluster.backingImages.changeStatus(name, (draft) => {
      if (draft.status !== undefined) draft.status.uuid = uuid;
    });
    if (initialized !== undefined) recorder.normal(initialized, 'Update', `Initialized UUID to ${uuid}`);
    return;
  }
  if (isTerminating(image)) {
    await removeImage(work, image);
    return;
  }
  if (image.spec.dataEngine === 'v2') await removeBadCopies(cluster, recorder, image);
  runPass(work, name);
}

function runPass(work: ImageWork, name: string): void {
  const { cluster } = work;
  const image = cluster.backingImages.draft(name);
  if (image?.status === undefined || isTerminating(image)) return;
  const pass = passOf(work, image, image.status);
  try {
    ensureDataSource(pass);
    if (image.spec.diskFileSpecMap === undefined || Object.keys(image.spec.diskFileSpecMap).length === 0) return;
    ensureFileManagers(pass);
    mirrorFiles(pass);
    noteLastReferences(pass);
    replenish(pass);
    cleanUpEvicted(pass);
    if (image.spec.dataEngine !== 'v2') return;
    prepareFirstCopy(pass);
    mirrorV2Copies(pass);
    prepareFurtherCopy(pass);
  } finally {
    cluster.backingImages.change(name, (draft) => {
      draft.spec.diskFileSpecMap = pass.specs;
    });
    cluster.backingImages.changeStatus(name, (draft) => {
      draft.status = { ...pass.image.status, diskFileStatusMap: pass.statuses };
    });
  }
}

function passOf(work: ImageWork, image: BackingImage, status: ImageStatus): ImagePass {
  return {
    ...work,
    now: work.cluster.clock.timestamp(),
    image: Object.assign(image, { status: { ...status, diskLastRefAtMap: status.diskLastRefAtMap ?? {} } }),
    specs: image.spec.diskFileSpecMap ?? {},
    statuses: status.diskFileStatusMap ?? {},
  };
}

/** The entry of a disk exists only while no replica uses the copy on it. */
function noteLastReferences(pass: ImagePass): void {
  const { cluster, image } = pass;
  const replicas = cluster.replicas.list({ [labelKeys.backingImage]: image.metadata.name });
  const used = new Set(replicas.map((replica) => replica.spec.diskID));
  const before = image.status.diskLastRefAtMap ?? {};
  const unused = Object.keys(pass.specs).filter((diskUuid) => !used.has(diskUuid));
  image.status.diskLastRefAtMap = Object.fromEntries(
    unused
      .filter((diskUuid) => pass.statuses[diskUuid] !== undefined)
      .map((diskUuid) => [diskUuid, before[diskUuid] ?? pass.now]),
  );
}

/** Source: longhorn-manager:controller/backing_image_controller.go replenishBackingImageCopies@v1.11.3. */
function replenish(pass: ImagePass): void {
  const { cluster, image, specs } = pass;
  const { dataEngine, minNumberOfCopies } = image.spec;
  if (cluster.dataSources.get(image.metadata.name)?.spec.fileTransferred !== true) return;
  if (dataEngine === 'v2' && image.status.v2FirstCopyStatus !== 'ready') return;
  if (cluster.settings.number('concurrent-backing-image-replenish-per-node-limit') === 0) return;
  const bad = new Set(['failed', 'failed-and-cleanup', 'unknown']);
  const good = Object.entries(specs).filter(([diskUuid]) => !bad.has(pass.statuses[diskUuid]?.state ?? ''));
  const staying = good.filter(([, spec]) => !spec.evictionRequested);
  if (good.length === 0 || staying.length >= minNumberOfCopies) return;
  const disk = freeDisk(pass, dataEngine);
  if (disk !== undefined) specs[disk.status.diskUUID] = { dataEngine, evictionRequested: false };
}

function cleanUpEvicted(pass: ImagePass): void {
  const { cluster, image, specs } = pass;
  const replicas = cluster.replicas.list({ [labelKeys.backingImage]: image.metadata.name });
  const isReady = (diskUuid: string): boolean => pass.statuses[diskUuid]?.state === 'ready';
  const othersReady = Object.entries(specs).some(([diskUuid, spec]) => !spec.evictionRequested && isReady(diskUuid));
  for (const [diskUuid, spec] of Object.entries(specs)) {
    const used = replicas.some((replica) => replica.spec.diskID === diskUuid);
    if (spec.evictionRequested && othersReady && !used) Reflect.deleteProperty(specs, diskUuid);
  }
}

async function removeImage(work: ImageWork, image: BackingImage): Promise<void> {
  const { cluster, recorder } = work;
  const name = image.metadata.name;
  if (cluster.replicas.list({ [labelKeys.backingImage]: name }).length > 0 || image.status === undefined) return;
  const source = cluster.dataSources.get(name);
  const cleaned = source?.spec.fileTransferred !== false || source.status?.currentState === 'failed-and-cleanup';
  if (!cleaned) return;
  releaseFileManagers(passOf(work, structuredClone(image), image.status), () => false);
  for (const disk of cluster.nodes.list().flatMap((node) => Object.values(node.status?.diskStatus ?? {}))) {
    if (disk.diskType !== 'block' || image.spec.dataEngine !== 'v2') continue;
    const had = image.status.diskFileStatusMap?.[disk.diskUUID] !== undefined;
    await deleteCopy(cluster, name, disk.diskUUID);
    if (had) recorder.normal(image, 'Delete', `Deleted v2 backing image ${name} on disk ${disk.diskUUID}`);
  }
  cluster.backingImages.removeFinalizer(name);
  // The garbage collector would do it too; Longhorn's own deletion follows the image's.
  if (source !== undefined) cluster.dataSources.delete(name);
}

function newImageStatus(ownerID: string): ImageStatus {
  return {
    ownerID,
    uuid: '',
    size: 0,
    virtualSize: 0,
    realSize: 0,
    checksum: '',
    diskFileStatusMap: null,
    diskLastRefAtMap: null,
    v2FirstCopyDisk: '',
    v2FirstCopyStatus: '',
  };
}
