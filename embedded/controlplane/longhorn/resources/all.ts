import type { ResourceData } from './resource-data.ts';
import { backingImage } from './backing-image.ts';
import { backingImageDataSource } from './backing-image-data-source.ts';
import { backingImageManager } from './backing-image-manager.ts';
import { backup } from './backup.ts';
import { backupBackingImage } from './backup-backing-image.ts';
import { backupTarget } from './backup-target.ts';
import { backupVolume } from './backup-volume.ts';
import { engine } from './engine.ts';
import { engineFrontend } from './engine-frontend.ts';
import { engineImage } from './engine-image.ts';
import { instanceManager } from './instance-manager.ts';
import { node } from './node.ts';
import { orphan } from './orphan.ts';
import { recurringJob } from './recurring-job.ts';
import { replica } from './replica.ts';
import { setting } from './setting.ts';
import { shard } from './shard.ts';
import { shardGroup } from './shard-group.ts';
import { shareManager } from './share-manager.ts';
import { snapshot } from './snapshot.ts';
import { supportBundle } from './support-bundle.ts';
import { systemBackup } from './system-backup.ts';
import { systemRestore } from './system-restore.ts';
import { volume } from './volume.ts';
import { volumeAttachment } from './volume-attachment.ts';

/** Every kind of the group `longhorn.io`, by the releases that have it. */
export const longhornResources: readonly ResourceData[] = [
  backingImage,
  backingImageDataSource,
  backingImageManager,
  backup,
  backupBackingImage,
  backupTarget,
  backupVolume,
  engine,
  engineFrontend,
  engineImage,
  instanceManager,
  node,
  orphan,
  recurringJob,
  replica,
  setting,
  shard,
  shardGroup,
  shareManager,
  snapshot,
  supportBundle,
  systemBackup,
  systemRestore,
  volume,
  volumeAttachment,
];
