import { longhornApiVersion } from '../resources/custom-resources.ts';
import { backingImageManagerName, labelKeys, managedByLonghorn } from '../cluster/names.ts';
import { isTerminating } from '../model/replica.ts';
import type { BackingImageManager } from '../model/backing-image.ts';
import { findDisk } from '../node/disks.ts';
import { freeDisk, noteFile, noteSize } from './image-pass.ts';
import type { ImagePass } from './image-pass.ts';

/** Source: longhorn-manager:controller/backing_image_controller.go handleBackingImageDataSource@v1.11.3. */
export function ensureDataSource(pass: ImagePass): void {
  const { cluster, image } = pass;
  const name = image.metadata.name;
  const source = cluster.dataSources.get(name);
  if (source === undefined) {
    const disk = freeDisk(pass, 'v1');
    if (disk === undefined) throw new Error(`backing image ${name}: unable to get a ready node disk`);
    cluster.dataSources.create({
      metadata: {
        name,
        ownerReferences: [
          {
            apiVersion: longhornApiVersion,
            kind: 'BackingImage',
            name,
            uid: image.metadata.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        nodeID: disk.node.metadata.name,
        uuid: image.status.uuid,
        diskUUID: disk.status.diskUUID,
        diskPath: disk.spec.path,
        checksum: image.spec.checksum,
        sourceType: image.spec.sourceType,
        parameters: image.spec.sourceParameters,
        fileTransferred: false,
      },
    });
    return;
  }
  const takenOver = pass.statuses[source.spec.diskUUID]?.state === 'ready';
  if (!source.spec.fileTransferred && source.status?.currentState === 'ready' && takenOver) {
    cluster.dataSources.change(name, (draft) => {
      draft.spec.fileTransferred = true;
    });
  }
}

/** A manager for every disk that should hold a file; none for those that need not any more. */
export function ensureFileManagers(pass: ImagePass): void {
  releaseFileManagers(pass, (diskUuid) => pass.specs[diskUuid]?.dataEngine === 'v1');
  const { cluster, image, recorder } = pass;
  const managerImage = cluster.profile.images.backingImageManager;
  for (const [diskUuid, spec] of Object.entries(pass.specs)) {
    if (spec.dataEngine !== 'v1') continue;
    const disk = findDisk(cluster, diskUuid);
    if (disk === undefined) continue;
    const name = backingImageManagerName(cluster.profile, managerImage, diskUuid);
    const manager = cluster.fileManagers.get(name);
    if (manager !== undefined) {
      if (manager.spec.backingImages[image.metadata.name] === image.status.uuid || isTerminating(manager)) continue;
      cluster.fileManagers.change(name, (draft) => {
        draft.spec.backingImages = { ...draft.spec.backingImages, [image.metadata.name]: image.status.uuid };
      });
      continue;
    }
    const nodeID = disk.node.metadata.name;
    cluster.fileManagers.create({
      metadata: {
        name,
        labels: {
          [labelKeys.component]: 'backing-image-manager',
          'longhorn.io/disk-uuid': diskUuid,
          ...managedByLonghorn,
          'longhorn.io/node': nodeID,
        },
      },
      spec: {
        image: managerImage,
        nodeID,
        diskUUID: diskUuid,
        diskPath: disk.spec.path,
        backingImages: { [image.metadata.name]: image.status.uuid },
      } satisfies BackingImageManager['spec'],
    });
    const place = `in disk ${diskUuid} on node ${nodeID}`;
    recorder.normal(image, 'Create', `created default backing image manager ${name} ${place}`);
  }
}

export function releaseFileManagers(pass: ImagePass, isRequired: (diskUuid: string) => boolean): void {
  const { cluster, image, recorder } = pass;
  const imageName = image.metadata.name;
  for (const manager of cluster.fileManagers.list()) {
    const { diskUUID, nodeID } = manager.spec;
    if (isTerminating(manager) || manager.spec.backingImages[imageName] === undefined || isRequired(diskUUID)) continue;
    const name = manager.metadata.name;
    const changed = cluster.fileManagers.change(name, (draft) => {
      const { [imageName]: _gone, ...rest } = draft.spec.backingImages;
      draft.spec.backingImages = rest;
    });
    if (changed === undefined || Object.keys(changed.spec.backingImages).length > 0) continue;
    cluster.fileManagers.delete(name);
    const place = `in disk ${diskUUID} on node ${nodeID}`;
    recorder.normal(image, 'Delete', `deleting unused backing image manager ${name} ${place}`);
  }
}

/** V1 entries mirror the data source until it hands over, then the managers. Source: syncBackingImageFileInfo. */
export function mirrorFiles(pass: ImagePass): void {
  const { cluster, image } = pass;
  const name = image.metadata.name;
  const present = new Set<string>();
  const source = cluster.dataSources.get(name);
  const preparing = source?.status !== undefined && source.status.currentState !== 'ready';
  if (source?.status !== undefined && preparing) {
    const { status } = source;
    present.add(source.spec.diskUUID);
    // The size may change while qcow2 becomes raw, so the source's word is taken blindly.
    if (status.size !== 0) image.status.size = status.size;
    noteFile(pass, source.spec.diskUUID, { ...status, dataEngine: 'v1', state: status.currentState });
  }
  for (const manager of cluster.fileManagers.list()) {
    const record = manager.status?.backingImageFileMap?.[name];
    const { diskUUID } = manager.spec;
    if (isTerminating(manager) || record === undefined || record.uuid !== image.status.uuid) continue;
    if (preparing && source?.spec.diskUUID === diskUUID) continue;
    present.add(diskUUID);
    const entry = noteFile(pass, diskUUID, { ...record, dataEngine: 'v1', checksum: record.currentChecksum });
    const reporter = `backing image manager ${manager.metadata.name} in disk ${diskUUID}`;
    noteSize(pass, entry, 'size', record.size, reporter);
    noteSize(pass, entry, 'virtualSize', record.virtualSize, reporter);
    noteSize(pass, entry, 'realSize', record.realSize, reporter);
  }
  for (const [diskUuid, entry] of Object.entries(pass.statuses)) {
    if (entry.dataEngine === 'v1' && !present.has(diskUuid)) Reflect.deleteProperty(pass.statuses, diskUuid);
  }
}
