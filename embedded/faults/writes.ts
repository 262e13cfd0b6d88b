/** Looking at a write on its way to one base bdev, to know what a fault would change. */
import type { Lvol } from '../dataplane/blobstore/lvol.ts';
import type { Liveness } from './liveness.ts';

export interface BaseBdevRequest {
  readonly replica: string;
  readonly operation: 'write' | 'write-zeroes' | 'unmap';
  readonly offset: number;
  readonly length: number;
  readonly data: Uint8Array | undefined;
  readonly lvol: Lvol;
}

/** What the range will hold when the write is done as asked; undefined for an unmap. */
export function wantedBytes({ operation, data, length }: BaseBdevRequest): Buffer | undefined {
  if (operation === 'unmap') return undefined;
  return data === undefined ? Buffer.alloc(length) : Buffer.from(data);
}

export function bytesBefore({ lvol, offset, length }: BaseBdevRequest): Buffer {
  const content = Buffer.alloc(length);
  lvol.read(offset, content);
  return content;
}

/** Notes that the range of a write is not what it would have been. */
export function noteRange(liveness: Liveness, { replica, offset, length }: BaseBdevRequest, how: string): void {
  liveness.noteBytes({ lvolName: replica, offsetBytes: offset, lengthBytes: length, how });
}

/** Notes that a range will hold `found` instead of what was written. */
export function noteWritten(liveness: Liveness, request: BaseBdevRequest, found: Buffer): void {
  if (wantedBytes(request)?.equals(found) !== false) return;
  noteRange(liveness, request, 'not what was written');
}
