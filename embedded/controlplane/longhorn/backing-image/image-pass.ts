import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { BackingImage, DiskFileStatus, FileState } from '../model/backing-image.ts';
import type { DataEngine } from '../model/instance.ts';
import { conditionOf } from '../model/condition.ts';
import { diskTypeFor, hasTags, listDisks } from '../node/disks.ts';
import type { Disk } from '../node/disks.ts';
import type { FileStore } from './file-store.ts';

export type ImageStatus = NonNullable<BackingImage['status']>;
export type DiskFileSpecs = NonNullable<BackingImage['spec']['diskFileSpecMap']>;

/** One run of the backing image controller over one image: drafts that its steps edit, synchronously. */
export interface ImagePass {
  readonly cluster: LonghornCluster;
  readonly recorder: EventRecorder;
  readonly files: FileStore;
  readonly now: string;
  readonly image: BackingImage & { status: ImageStatus };
  readonly specs: DiskFileSpecs;
  readonly statuses: Record<string, DiskFileStatus>;
}

/** Source: longhorn-manager:controller/backing_image_controller.go updateStatusWithFileInfo@v1.11.3. */
export function noteFile(
  pass: ImagePass,
  diskUuid: string,
  info: { dataEngine: DataEngine; state: FileState; progress: number; message: string; checksum: string },
): DiskFileStatus {
  const entry = (pass.statuses[diskUuid] ??= {
    dataEngine: info.dataEngine,
    state: '',
    progress: 0,
    message: '',
    lastStateTransitionTime: '',
  });
  if (entry.state !== info.state || entry.lastStateTransitionTime === '') entry.lastStateTransitionTime = pass.now;
  entry.state = info.state;
  entry.progress = info.progress;
  entry.message = info.message;
  const { status, spec } = pass.image;
  if (info.checksum !== '') {
    if (status.checksum === '') status.checksum = info.checksum;
    const expected = spec.checksum === '' ? status.checksum : spec.checksum;
    if (info.checksum !== expected) {
      fail(
        pass,
        entry,
        `the current checksum ${info.checksum} of the file in disk ${diskUuid} doesn't match the expected checksum ${expected}`,
      );
    }
  }
  return entry;
}

/** Sizes are learned once; a later differing report breaks that copy. */
export function noteSize(
  pass: ImagePass,
  entry: DiskFileStatus,
  field: 'size' | 'virtualSize' | 'realSize',
  reported: number,
  reporter: string,
): void {
  const { status } = pass.image;
  if (reported <= 0) return;
  if (status[field] === 0) {
    status[field] = reported;
    pass.recorder.normal(pass.image, 'Update', `Set ${field} to ${String(reported)}`);
  }
  if (field !== 'realSize' && status[field] !== reported) {
    const seen = `found mismatching ${field} ${String(reported)} reported by ${reporter}`;
    fail(pass, entry, `${seen}, the ${field} recorded in status is ${String(status[field])}`);
  }
}

function fail(pass: ImagePass, entry: DiskFileStatus, message: string): void {
  if (entry.state === 'failed') return;
  pass.recorder.warning(pass.image, 'Update', message);
  entry.state = 'failed';
  entry.message = message;
}

/**
 * A disk that may take a copy: right type, schedulable, tags met, without one already. The real choice is random.
 * Source: longhorn-manager:datastore/longhorn.go GetReadyNodeDiskForBackingImage@v1.11.3.
 */
export function freeDisk(
  pass: Pick<ImagePass, 'cluster' | 'image' | 'specs'>,
  dataEngine: DataEngine,
  preferredNode?: string,
): Disk | undefined {
  const { cluster, image, specs } = pass;
  const candidates = listDisks(cluster).filter(
    (disk) =>
      disk.spec.diskType === diskTypeFor(dataEngine) &&
      specs[disk.status.diskUUID] === undefined &&
      disk.node.spec.allowScheduling &&
      disk.spec.allowScheduling &&
      conditionOf(disk.node.status?.conditions, 'Schedulable')?.status === 'True' &&
      conditionOf(disk.status.conditions, 'Schedulable')?.status === 'True' &&
      hasTags(disk.node.spec.tags, image.spec.nodeSelector) &&
      hasTags(disk.spec.tags, image.spec.diskSelector),
  );
  const preferred = candidates.find((disk) => disk.node.metadata.name === preferredNode);
  if (preferred !== undefined) return preferred;
  return candidates[
    Number.parseInt(cluster.names.hex(`image-disk/${image.metadata.name}`, 8), 16) % Math.max(1, candidates.length)
  ];
}
