import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { BackingImage, BackingImageDataSource } from '../model/backing-image.ts';
import { openDownload } from './download.ts';
import type { FileStore } from './file-store.ts';
import { convertToRaw, receiveFile } from './image-file.ts';
import { setSourceStatus } from './source-status.ts';

const progressSeconds = 1;

/**
 * Downloads the image's file, makes it raw for V2 and checks it, telling the progress in the data source's status.
 * Throws with the words that the status then shows.
 */
export async function fetchFile(job: {
  cluster: LonghornCluster;
  files: FileStore;
  source: BackingImageDataSource;
  image: BackingImage;
  signal: AbortSignal;
}): Promise<void> {
  const { cluster, files, source, image, signal } = job;
  const name = source.metadata.name;
  if (source.spec.sourceType !== 'download') {
    throw new Error(`source type ${source.spec.sourceType} is not supported by the embedded cluster`);
  }
  const download = await openDownload(source.spec.parameters['url'] ?? '', cluster.network, signal);
  setSourceStatus(cluster, name, { currentState: 'in-progress', size: download.sizeBytes ?? 0 });
  let reportedAt = Date.now();
  const onBytes = (bytes: number): void => {
    if (Date.now() - reportedAt < progressSeconds * 1000 * cluster.clock.timeScale) return;
    reportedAt = Date.now();
    const total = download.sizeBytes ?? 0;
    // 100 is for a file that is complete.
    const progress = total === 0 ? 0 : Math.min(99, Math.floor((100 * bytes) / total));
    setSourceStatus(cluster, name, { progress });
  };
  const path = files.pathOf(source.spec.diskUUID, name, source.spec.uuid);
  const received = await receiveFile(path, download.body, onBytes);
  const file = image.spec.dataEngine === 'v2' ? await convertToRaw(received) : received;
  const expected = source.spec.checksum;
  if (expected !== '' && expected !== file.checksum) {
    throw new Error(`the expected checksum ${expected} doesn't match the file actual checksum ${file.checksum}`);
  }
  files.put(source.spec.diskUUID, source.spec.uuid, file);
  setSourceStatus(cluster, name, {
    currentState: 'ready-for-transfer',
    progress: 100,
    size: file.sizeBytes,
    checksum: file.checksum,
  });
}
