import type { DeviceContent } from '../helpers/oracle/content.ts';

/** A file whose bytes are computed when asked for. Offsets and lengths are multiples of 512. */
export interface ImageFile {
  readonly sizeBytes: number;
  into(offsetBytes: number, target: Uint8Array): void;
}

/** The image as it is. */
export function rawFile(content: DeviceContent): ImageFile {
  return { sizeBytes: content.sizeBytes, into: (offsetBytes, target) => content.into(offsetBytes, target) };
}

const chunkBytes = 256 * 1024;

/** The bytes `[from, to)` of a file, any alignment, in chunks that belong to the receiver. */
export function* readImageFile(file: ImageFile, from: number, to: number): Generator<Buffer, void, void> {
  for (let at = from; at < to;) {
    const start = at - (at % 512);
    const end = Math.min(to, start + chunkBytes);
    const chunk = Buffer.allocUnsafe(Math.ceil((end - start) / 512) * 512);
    file.into(start, chunk);
    yield chunk.subarray(at - start, end - start);
    at = end;
  }
}
