import type { FileHandle } from 'node:fs/promises';
import { parseQcow2Header, qcow2HeaderBytes } from './header.ts';
import type { Qcow2Header } from './header.ts';

const offsetMask = 0x00fffffffffffe00n;
const compressedFlag = 1n << 62n;
const zeroFlag = 1n;

/** One stretch of the virtual disk: its bytes, or that it reads zeros. */
export type RawPiece =
  { kind: 'data'; offsetBytes: number; data: Buffer } | { kind: 'zeros'; offsetBytes: number; lengthBytes: number };

/** The virtual disk's size, without reading its content. */
export async function qcow2VirtualSize(file: FileHandle): Promise<number> {
  return parseQcow2Header(await readAt(file, 0, qcow2HeaderBytes, 'header')).virtualSizeBytes;
}

/**
 * The raw content of a qcow2 image in order, cluster by cluster; memory stays at one L2 table and one cluster. Throws
 * for compressed clusters and truncated files, with the place.
 */
export async function* qcow2RawContent(file: FileHandle): AsyncGenerator<RawPiece> {
  const header = parseQcow2Header(await readAt(file, 0, qcow2HeaderBytes, 'header'));
  const clusterBytes = 2 ** header.clusterBits;
  const entriesPerTable = clusterBytes / 8;
  const l1 = await readAt(file, header.l1TableOffset, header.l1Size * 8, 'L1 table');
  for (let index = 0; index * entriesPerTable * clusterBytes < header.virtualSizeBytes; index += 1) {
    const start = index * entriesPerTable * clusterBytes;
    const tableOffset = index < header.l1Size ? Number(l1.readBigUInt64BE(index * 8) & offsetMask) : 0;
    if (tableOffset === 0) {
      const lengthBytes = Math.min(entriesPerTable * clusterBytes, header.virtualSizeBytes - start);
      yield { kind: 'zeros', offsetBytes: start, lengthBytes };
      continue;
    }
    const table = await readAt(file, tableOffset, clusterBytes, `L2 table ${String(index)}`);
    yield* tableContent(file, header, table, start);
  }
}

async function* tableContent(
  file: FileHandle,
  header: Qcow2Header,
  table: Buffer,
  start: number,
): AsyncGenerator<RawPiece> {
  const clusterBytes = 2 ** header.clusterBits;
  for (let entry = 0; entry < clusterBytes / 8; entry += 1) {
    const offsetBytes = start + entry * clusterBytes;
    const lengthBytes = Math.min(clusterBytes, header.virtualSizeBytes - offsetBytes);
    if (lengthBytes <= 0) return;
    const value = table.readBigUInt64BE(entry * 8);
    if ((value & compressedFlag) !== 0n) {
      throw new Error(`qcow2: the cluster at byte ${String(offsetBytes)} is compressed, which is not supported.`);
    }
    const hostOffset = Number(value & offsetMask);
    const readsZeros = hostOffset === 0 || (header.version === 3 && (value & zeroFlag) !== 0n);
    if (readsZeros) yield { kind: 'zeros', offsetBytes, lengthBytes };
    else yield { kind: 'data', offsetBytes, data: await readData(file, hostOffset, lengthBytes) };
  }
}

/** A file may end inside its last cluster; what is missing there reads zeros, as in qemu. */
async function readData(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, position);
  return buffer;
}

async function readAt(file: FileHandle, position: number, length: number, what: string): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < Math.min(length, 72)) {
    const seen = `${String(bytesRead)} of ${String(length)} bytes at ${String(position)}`;
    throw new Error(`qcow2: the file ends inside the ${what}: got ${seen}.`);
  }
  return buffer;
}
