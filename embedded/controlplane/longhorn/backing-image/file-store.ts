import { link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImageFile } from './image-file.ts';

/**
 * The image files of the filesystem disks, as backing-image-ds and backing-image-manager keep them. One content is
 * stored once: copies on further disks are hard links, because an image never changes.
 */
export interface FileStore {
  pathOf(diskUuid: string, imageName: string, imageUuid: string): string;
  put(diskUuid: string, imageUuid: string, file: ImageFile): void;
  get(diskUuid: string, imageUuid: string): ImageFile | undefined;
  /** Any disk that has the image. */
  find(imageUuid: string): ImageFile | undefined;
  copy(imageUuid: string, imageName: string, toDiskUuid: string): Promise<ImageFile>;
  remove(diskUuid: string, imageUuid: string): Promise<void>;
}

export function createFileStore(directory: string): FileStore {
  const files = new Map<string, Map<string, ImageFile>>();
  const pathOf = (diskUuid: string, imageName: string, imageUuid: string): string =>
    join(directory, diskUuid, 'backing-images', `${imageName}-${imageUuid}`, 'backing');
  const find = (imageUuid: string): ImageFile | undefined => [...(files.get(imageUuid)?.values() ?? [])][0];
  const put = (diskUuid: string, imageUuid: string, file: ImageFile): void => {
    const disks = files.get(imageUuid) ?? new Map<string, ImageFile>();
    disks.set(diskUuid, file);
    files.set(imageUuid, disks);
  };
  return {
    pathOf,
    put,
    find,
    get: (diskUuid, imageUuid) => files.get(imageUuid)?.get(diskUuid),
    async copy(imageUuid, imageName, toDiskUuid) {
      const source = find(imageUuid);
      if (source === undefined) throw new Error(`backing image ${imageName}: no file to sync from`);
      const path = pathOf(toDiskUuid, imageName, imageUuid);
      await mkdir(dirname(path), { recursive: true });
      await link(source.path, path);
      const file = { ...source, path };
      put(toDiskUuid, imageUuid, file);
      return file;
    },
    async remove(diskUuid, imageUuid) {
      const file = files.get(imageUuid)?.get(diskUuid);
      if (file === undefined) return;
      files.get(imageUuid)?.delete(diskUuid);
      await rm(dirname(file.path), { recursive: true, force: true });
    },
  };
}
