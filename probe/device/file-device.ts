import { constants, existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { messageOf, ProbeError } from '../exit-codes.ts';
import { allocateAligned } from './aligned-memory.ts';
import type { Device, DeviceAccess } from './device.ts';
import { commandRange } from './external-command.ts';

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** `major:minor` of a device number, as glibc's gnu_dev_major and gnu_dev_minor split it. */
function majorMinor(rdev: bigint): string {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return `${major}:${minor & 0xffffffffn}`;
}

/** A number from sysfs, where sizes are in units of 512 bytes whatever the device's block size. */
function sysfsNumber(paths: readonly string[]): number {
  const path = paths.find((candidate) => existsSync(candidate));
  const value = path === undefined ? NaN : Number(readFileSync(path, 'utf8'));
  if (!Number.isSafeInteger(value) || value <= 0) {
    throw new ProbeError('open', `cannot tell the device's geometry: none of ${paths.join(', ')} holds a number`);
  }
  return value;
}

async function openDirect(path: string, access: DeviceAccess): Promise<FileHandle> {
  const mode = access === 'read' ? constants.O_RDONLY : constants.O_RDWR;
  try {
    return await open(path, mode | constants.O_DIRECT);
  } catch (error) {
    if (errorCode(error) === 'EINVAL') {
      throw new ProbeError('not-direct', `${path}: its filesystem refuses O_DIRECT; put it on ext4 or xfs`, {
        cause: error,
      });
    }
    throw new ProbeError('open', `cannot open ${path} for ${access}: ${messageOf(error)}`, { cause: error });
  }
}

/** The smallest block with which a regular file takes direct requests; depends on the disk below its filesystem. */
async function directBlockBytes(handle: FileHandle, path: string, sizeBytes: number): Promise<number> {
  const memory = allocateAligned(4096);
  for (const blockBytes of [512, 4096]) {
    if (sizeBytes % blockBytes !== 0 || sizeBytes < 2 * blockBytes) continue;
    try {
      await handle.read(memory, 0, blockBytes, blockBytes);
      return blockBytes;
    } catch (error) {
      if (errorCode(error) !== 'EINVAL')
        throw new ProbeError('open', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
    }
  }
  throw new ProbeError('not-direct', `${path}: no direct read of 512 or 4096 bytes succeeds (${sizeBytes} bytes)`);
}

async function geometry(
  handle: FileHandle,
  path: string,
): Promise<Pick<Device, 'kind' | 'sizeBytes' | 'logicalBlockBytes'>> {
  const stat = await handle.stat({ bigint: true });
  if (stat.isBlockDevice()) {
    const sysfs = `/sys/dev/block/${majorMinor(stat.rdev)}`;
    const queue = 'queue/logical_block_size';
    return {
      kind: 'block',
      sizeBytes: sysfsNumber([`${sysfs}/size`]) * 512,
      // A partition has no queue of its own.
      logicalBlockBytes: sysfsNumber([`${sysfs}/${queue}`, `${sysfs}/../${queue}`]),
    };
  }
  if (!stat.isFile()) throw new ProbeError('open', `${path} is neither a block device nor a regular file`);
  const sizeBytes = Number(stat.size);
  return { kind: 'file', sizeBytes, logicalBlockBytes: await directBlockBytes(handle, path, sizeBytes) };
}

type Transfer = (target: Uint8Array, at: number, lengthBytes: number, position: number) => Promise<number>;

/** The kernel may transfer less than asked; what it transfers next must continue there, and nothing at all is an error. */
async function transferAll(transfer: Transfer, offsetBytes: number, memory: Uint8Array): Promise<void> {
  let done = 0;
  while (done < memory.length) {
    const count = await transfer(memory, done, memory.length - done, offsetBytes + done);
    if (count <= 0) throw new Error(`short: ${done} of ${memory.length} bytes`);
    done += count;
  }
}

/**
 * Opens a block device or regular file with O_DIRECT. Memory given to it must be page-aligned (`allocateAligned`).
 *
 * @throws {ProbeError} `open`, or `not-direct` where the filesystem refuses direct access
 */
export async function openFileDevice(path: string, access: DeviceAccess): Promise<Device> {
  const handle = await openDirect(path, access);
  try {
    const known = await geometry(handle, path);
    const rangeKind = known.kind === 'block' ? 'block' : 'file';
    const read: Transfer = async (...request) => (await handle.read(...request)).bytesRead;
    const write: Transfer = async (...request) => (await handle.write(...request)).bytesWritten;
    return {
      ...known,
      direct: 'O_DIRECT',
      read: (offsetBytes, target) =>
        transferAll(read, offsetBytes, target).catch((error: unknown) => {
          const message = `reading ${target.length} bytes at ${offsetBytes} of ${path} failed: ${messageOf(error)}`;
          throw new ProbeError('read', message, { cause: error });
        }),
      write: (offsetBytes, source) =>
        transferAll(write, offsetBytes, source).catch((error: unknown) => {
          const message = `writing ${source.length} bytes at ${offsetBytes} of ${path} failed: ${messageOf(error)}`;
          throw new ProbeError('write', message, { cause: error });
        }),
      discard: (offsetBytes, lengthBytes) => commandRange(rangeKind, 'discard', path, { offsetBytes, lengthBytes }),
      writeZeroes: (offsetBytes, lengthBytes) =>
        commandRange(rangeKind, 'write-zeroes', path, { offsetBytes, lengthBytes }),
      flush: () =>
        handle.sync().catch((error: unknown) => {
          throw new ProbeError('write', `flushing ${path} failed: ${messageOf(error)}`, { cause: error });
        }),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
