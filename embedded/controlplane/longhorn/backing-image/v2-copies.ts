import type { BackingImage, FileState } from '../model/backing-image.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { EventRecorder } from '../cluster/event-recorder.ts';
import { findDisk } from '../node/disks.ts';
import { freeDisk, noteFile, noteSize } from './image-pass.ts';
import type { ImagePass } from './image-pass.ts';
import { readImageFile } from './image-file.ts';

const lostMessage = 'The copy status is unknown because the status is not found from the instance manager';

/**
 * The first V2 copy, made from the temporary V1 file; then the V1 file goes.
 * Source: longhorn-manager:controller/backing_image_controller.go prepareFirstV2Copy@v1.11.3.
 */
export function prepareFirstCopy(pass: ImagePass): void {
  const { cluster, image, specs } = pass;
  const { status } = image;
  if (isFirstCopy(pass, 'ready')) {
    status.v2FirstCopyStatus = 'ready';
    for (const [diskUuid, spec] of Object.entries(specs)) {
      if (spec.dataEngine === 'v1') Reflect.deleteProperty(specs, diskUuid);
    }
    return;
  }
  if (isFirstCopy(pass, 'in-progress')) {
    status.v2FirstCopyStatus = 'in-progress';
    specs[status.v2FirstCopyDisk] = { dataEngine: 'v2', evictionRequested: false };
    return;
  }
  const source = cluster.dataSources.get(image.metadata.name);
  if (source?.spec.fileTransferred !== true) return;
  const first = pass.statuses[source.spec.diskUUID];
  if (first !== undefined && first.state !== 'ready') return;
  const file = pass.files.get(source.spec.diskUUID, status.uuid);
  const disk = freeDisk(pass, 'v2', source.spec.nodeID);
  if (disk === undefined)
    throw new Error('failed to find a ready disk for the first v2 backing image copy: unable to get a ready node disk');
  if (file === undefined) return;
  cluster.dataPlane.node(disk.node.metadata.name).backingImageCreate({
    name: image.metadata.name,
    backingImageUuid: status.uuid,
    lvstoreUuid: disk.status.diskUUID,
    sizeBytes: status.size,
    checksum: status.checksum,
    source: { kind: 'stream', sizeBytes: file.sizeBytes, content: readImageFile(file.path) },
  });
  status.v2FirstCopyDisk = disk.status.diskUUID;
  status.v2FirstCopyStatus = 'in-progress';
}

function isFirstCopy(pass: ImagePass, state: FileState): boolean {
  const { v2FirstCopyDisk, v2FirstCopyStatus } = pass.image.status;
  if (v2FirstCopyDisk === '') return false;
  return v2FirstCopyStatus === state || pass.statuses[v2FirstCopyDisk]?.state === state;
}

/** V2 entries mirror what the running V2 instance managers report. Source: syncV2StatusWithInstanceManager. */
export function mirrorV2Copies(pass: ImagePass): void {
  const { cluster, image } = pass;
  const reported = new Set<string>();
  for (const manager of cluster.instanceManagers.list()) {
    if (manager.spec.dataEngine !== 'v2' || manager.status?.currentState !== 'running') continue;
    for (const copy of Object.values(manager.status.backingImages ?? {})) {
      if (copy.name !== image.metadata.name || copy.uuid !== image.status.uuid) continue;
      reported.add(copy.diskUUID);
      const entry = noteFile(pass, copy.diskUUID, { ...copy, dataEngine: 'v2', checksum: copy.currentChecksum });
      const reporter = `instance manager ${manager.metadata.name} in disk ${copy.diskUUID}`;
      noteSize(pass, entry, 'size', copy.size, reporter);
    }
  }
  for (const [diskUuid, entry] of Object.entries(pass.statuses)) {
    // A V1 entry whose spec is gone is caught here too and shows `unknown` until it leaves (longhorn-facts §4.1).
    if (pass.specs[diskUuid]?.dataEngine === 'v1' || reported.has(diskUuid)) continue;
    entry.state = 'unknown';
    entry.message = lostMessage;
  }
}

/** Further copies, one at a time, each from a ready V2 copy. Source: prepareV2Copy. */
export function prepareFurtherCopy(pass: ImagePass): void {
  const { cluster, image, recorder } = pass;
  if (image.status.v2FirstCopyStatus !== 'ready' || isCopying(cluster, image.metadata.name)) return;
  const ready = Object.keys(pass.specs).find((diskUuid) => pass.statuses[diskUuid]?.state === 'ready');
  const missing = Object.keys(pass.specs).find((diskUuid) => pass.statuses[diskUuid] === undefined);
  const source = ready === undefined ? undefined : findDisk(cluster, ready);
  const target = missing === undefined ? undefined : findDisk(cluster, missing);
  if (source === undefined || target === undefined) return;
  const node = target.node.metadata.name;
  if (cluster.dataPlane.node(node).backingImageGet(image.metadata.name, target.status.diskUUID) !== undefined) return;
  cluster.dataPlane.node(node).backingImageCreate({
    name: image.metadata.name,
    backingImageUuid: image.status.uuid,
    lvstoreUuid: target.status.diskUUID,
    sizeBytes: image.status.size,
    checksum: image.status.checksum,
    source: { kind: 'copy', nodeName: source.node.metadata.name, lvstoreUuid: source.status.diskUUID },
  });
  const place = `on disk ${target.status.diskUUID} on node ${node}`;
  recorder.normal(image, 'Create', `Created v2 backing image ${image.metadata.name} ${place}`);
}

function isCopying(cluster: LonghornCluster, name: string): boolean {
  return cluster.dataPlane
    .nodes()
    .flatMap((node) => node.backingImageList())
    .some((copy) => copy.name === name && ['pending', 'starting', 'in-progress'].includes(copy.state));
}

/**
 * Removes copies that are failed, lost or not asked for any more, in SPDK and in the status; the first copy is retried
 * from the start. Returns whether something was removed.
 */
export async function removeBadCopies(
  cluster: LonghornCluster,
  recorder: EventRecorder,
  image: BackingImage,
): Promise<void> {
  const status = image.status;
  if (status === undefined) return;
  const name = image.metadata.name;
  const statuses = status.diskFileStatusMap ?? {};
  const first = statuses[status.v2FirstCopyDisk];
  const firstIsBad = status.v2FirstCopyStatus !== 'ready' && (first?.state === 'failed' || first?.state === 'unknown');
  if (firstIsBad) {
    await deleteCopy(cluster, name, status.v2FirstCopyDisk);
    forget(cluster, name, status.v2FirstCopyDisk, true);
    return;
  }
  if (status.v2FirstCopyStatus !== 'ready') return;
  const specs = image.spec.diskFileSpecMap ?? {};
  const anyReady = Object.values(statuses).some((entry) => entry.dataEngine === 'v2' && entry.state === 'ready');
  for (const [diskUuid, entry] of Object.entries(statuses)) {
    if (entry.dataEngine !== 'v2') continue;
    const unwanted = specs[diskUuid] === undefined;
    const failed = entry.state === 'failed' && anyReady;
    const lost = entry.state === 'unknown' && anyReady && !existsOn(cluster, name, diskUuid);
    if (!unwanted && !failed && !lost) continue;
    await deleteCopy(cluster, name, diskUuid);
    forget(cluster, name, diskUuid, false);
    const what = `Deleted ${lost ? 'unknown' : 'failed'} v2 backing image ${name}`;
    const node = findDisk(cluster, diskUuid)?.node.metadata.name ?? '';
    recorder.normal(image, 'Delete', `${what} on disk ${diskUuid} on node ${node}`);
  }
}

function existsOn(cluster: LonghornCluster, name: string, diskUuid: string): boolean {
  const node = findDisk(cluster, diskUuid)?.node.metadata.name;
  return node !== undefined && cluster.dataPlane.node(node).backingImageGet(name, diskUuid) !== undefined;
}

export async function deleteCopy(cluster: LonghornCluster, name: string, diskUuid: string): Promise<void> {
  const node = findDisk(cluster, diskUuid)?.node.metadata.name;
  if (node === undefined || !existsOn(cluster, name, diskUuid)) return;
  await cluster.dataPlane.node(node).backingImageDelete(name, diskUuid);
}

function forget(cluster: LonghornCluster, name: string, diskUuid: string, restart: boolean): void {
  const without = <T>(map: Record<string, T> | null | undefined): Record<string, T> => {
    const { [diskUuid]: _gone, ...rest } = map ?? {};
    return rest;
  };
  if (restart) {
    cluster.backingImages.change(name, (draft) => {
      draft.spec.diskFileSpecMap = without(draft.spec.diskFileSpecMap);
    });
  }
  cluster.backingImages.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    draft.status.diskFileStatusMap = without(draft.status.diskFileStatusMap);
    if (!restart) return;
    draft.status.v2FirstCopyDisk = '';
    draft.status.v2FirstCopyStatus = 'pending';
  });
}
