import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { looksLikeQcow2 } from '../qcow2/header.ts';
import { qcow2RawContent, qcow2VirtualSize } from '../qcow2/raw-content.ts';

/** A backing image's file on a filesystem disk. */
export interface ImageFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly virtualSizeBytes: number;
  /** sha512 of the file's content. */
  readonly checksum: string;
}

const sparseBlockBytes = 64 * 1024;
const zeros = Buffer.alloc(1024 * 1024);

/** Writes a stream of bytes to a file, with holes for runs of zeros, and hashes it on the way. */
export async function receiveFile(
  path: string,
  content: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<ImageFile> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w+');
  try {
    const hash = createHash('sha512');
    let offset = 0;
    for await (const chunk of content) {
      const data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      hash.update(data);
      await writeSparse(file, data, offset);
      offset += data.length;
      onBytes(offset);
    }
    await file.truncate(offset);
    const start = Buffer.alloc(4);
    await file.read(start, 0, 4, 0);
    const virtualSizeBytes = looksLikeQcow2(start) ? await qcow2VirtualSize(file) : offset;
    return { path, sizeBytes: offset, virtualSizeBytes, checksum: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

/** Replaces a qcow2 file by its raw content; a raw file stays as it is. */
export async function convertToRaw(image: ImageFile): Promise<ImageFile> {
  const source = await open(image.path, 'r');
  const target = `${image.path}.raw`;
  try {
    const start = Buffer.alloc(4);
    await source.read(start, 0, 4, 0);
    if (!looksLikeQcow2(start)) return image;
    const file = await open(target, 'w');
    try {
      const hash = createHash('sha512');
      for await (const piece of qcow2RawContent(source)) {
        if (piece.kind === 'zeros') hashZeros(hash, piece.lengthBytes);
        else {
          hash.update(piece.data);
          await writeSparse(file, piece.data, piece.offsetBytes);
        }
      }
      await file.truncate(image.virtualSizeBytes);
      await rename(target, image.path);
      const sizeBytes = image.virtualSizeBytes;
      return { path: image.path, sizeBytes, virtualSizeBytes: sizeBytes, checksum: hash.digest('hex') };
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  } finally {
    await source.close();
  }
}

export function readImageFile(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 1024 * 1024 });
}

function hashZeros(hash: Hash, lengthBytes: number): void {
  for (let left = lengthBytes; left > 0; left -= zeros.length)
    hash.update(zeros.subarray(0, Math.min(left, zeros.length)));
}

async function writeSparse(file: FileHandle, data: Buffer, offset: number): Promise<void> {
  for (let start = 0; start < data.length; start += sparseBlockBytes) {
    const block = data.subarray(start, start + sparseBlockBytes);
    if (!block.equals(zeros.subarray(0, block.length))) await file.write(block, 0, block.length, offset + start);
  }
}
