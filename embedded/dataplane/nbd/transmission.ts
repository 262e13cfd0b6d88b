import { clusterBytes } from '../blobstore/cluster-file.ts';
import { SpdkError } from '../blobstore/errors.ts';
import type { ReadPart, VolumeDevice } from '../raid/volume-device.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { ByteReader } from './byte-reader.ts';
import { blockSize, command, commandFlag, extentState, magic } from './protocol.ts';
import type { DataRun, Extent, ReplyWriter } from './reply-writer.ts';

export interface TransmissionOptions {
  connection: number;
  device: VolumeDevice;
  reader: ByteReader;
  replies: ReplyWriter;
  allocationContext: boolean;
  pool: BufferPool;
}

interface Request {
  flags: number;
  type: number;
  cookie: bigint;
  offset: number;
  length: number;
}

const mostBytesInFlight = 64 * 1024 * 1024;
const mostExtents = 4096;

/** Serves one connection's requests, many at a time, until it disconnects; then waits for those that still run. */
export class Transmission {
  readonly #options: TransmissionOptions;
  readonly #running = new Set<Promise<void>>();
  #bytesInFlight = 0;

  constructor(options: TransmissionOptions) {
    this.#options = options;
  }

  async serve(): Promise<void> {
    const { reader } = this.#options;
    for (;;) {
      const header = await reader.read(28);
      if (header?.readUInt32BE(0) !== magic.request) break;
      const request: Request = {
        flags: header.readUInt16BE(4),
        type: header.readUInt16BE(6),
        cookie: header.readBigUInt64BE(8),
        offset: Number(header.readBigUInt64BE(16)),
        length: header.readUInt32BE(24),
      };
      if (request.type === command.disconnect) break;
      // A payload of more than the advertised maximum cannot be skipped safely.
      if (request.type === command.write && request.length > blockSize.maximum) break;
      const payload = request.type === command.write ? await reader.read(request.length) : undefined;
      if (request.type === command.write && payload === undefined) break;
      while (this.#bytesInFlight > mostBytesInFlight) await Promise.race(this.#running);
      this.#start(request, payload);
    }
    await Promise.all(this.#running);
  }

  #start(request: Request, payload: Buffer | undefined): void {
    const bytes = request.type === command.read || request.type === command.write ? request.length : 0;
    this.#bytesInFlight += bytes;
    const running = this.#answer(request, payload)
      .catch((error: unknown) => {
        this.#options.replies.error(request.cookie, error);
      })
      .finally(() => {
        this.#bytesInFlight -= bytes;
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  async #answer(request: Request, payload: Buffer | undefined): Promise<void> {
    const { connection, device, replies } = this.#options;
    const { offset, length } = request;
    if (request.type !== command.flush) this.#assertRange(request);
    switch (request.type) {
      case command.read:
        await this.#read(request);
        return;
      case command.write:
        await device.write(connection, { operation: 'write', offset, length, data: payload ?? Buffer.alloc(0) });
        break;
      case command.writeZeroes:
        await device.write(connection, { operation: 'write-zeroes', offset, length });
        break;
      case command.trim:
        await device.write(connection, { operation: 'unmap', offset, length });
        break;
      case command.blockStatus:
        this.#blockStatus(request);
        return;
      case command.flush:
      case command.cache:
        // Writes are in the disks' files before they are acknowledged.
        break;
      default:
        throw new SpdkError('EINVAL', `NBD command ${request.type} is not supported`);
    }
    replies.ok(request.cookie);
  }

  async #read(request: Request): Promise<void> {
    const { connection, device, replies, pool } = this.#options;
    if (request.length > blockSize.maximum) {
      throw new SpdkError('EINVAL', `read of ${request.length} bytes is over the maximum of ${blockSize.maximum}`);
    }
    const { parts, delivered } = await device.read(connection, request.offset, request.length);
    const whole = !replies.structured || (request.flags & commandFlag.dontFragment) !== 0;
    const needed = whole ? request.length : parts.reduce((sum, part) => sum + (part.isHole ? 0 : part.length), 0);
    const buffer = pool.take(needed);
    const done = (): void => {
      pool.give(buffer);
      delivered();
    };
    let runs: DataRun[];
    try {
      runs = whole ? [this.#fillWhole(request, parts, buffer)] : this.#fillRuns(parts, buffer);
    } catch (error) {
      done();
      throw error;
    }
    replies.data(request.cookie, runs, done);
  }

  #fillWhole(request: Request, parts: readonly ReadPart[], buffer: Buffer): DataRun {
    for (const part of parts) {
      const start = part.offset - request.offset;
      this.#options.device.fetch(part, buffer.subarray(start, start + part.length));
    }
    return { kind: 'data', offset: request.offset, content: buffer.subarray(0, request.length) };
  }

  #fillRuns(parts: readonly ReadPart[], buffer: Buffer): DataRun[] {
    const runs: DataRun[] = [];
    let filled = 0;
    for (const part of parts) {
      const last = runs.at(-1);
      if (part.isHole) {
        if (last?.kind === 'hole') last.length += part.length;
        else runs.push({ kind: 'hole', offset: part.offset, length: part.length });
        continue;
      }
      this.#options.device.fetch(part, buffer.subarray(filled, filled + part.length));
      const begin = last?.kind === 'data' ? filled - last.content.length : filled;
      filled += part.length;
      const content = buffer.subarray(begin, filled);
      if (last?.kind === 'data') last.content = content;
      else runs.push({ kind: 'data', offset: part.offset, content });
    }
    return runs;
  }

  /** Allocation is that of all replicas together: a hole is what every one of them would answer with zeros. */
  #blockStatus(request: Request): void {
    const { device, replies, allocationContext } = this.#options;
    if (!allocationContext) throw new SpdkError('EINVAL', 'block status without a negotiated metadata context');
    const extents: Extent[] = [];
    const end = request.offset + request.length;
    for (let offset = request.offset; offset < end;) {
      const length = Math.min(clusterBytes - (offset % clusterBytes), end - offset);
      const state = device.isHole(offset, length) ? extentState.hole | extentState.zero : 0;
      const last = extents.at(-1);
      if (last?.state === state) last.length += length;
      else if (
        extents.length === mostExtents ||
        (extents.length === 1 && (request.flags & commandFlag.requireOne) !== 0)
      )
        break;
      else extents.push({ length, state });
      offset += length;
    }
    replies.blockStatus(request.cookie, extents);
  }

  #assertRange({ offset, length }: Request): void {
    const { sizeBytes } = this.#options.device;
    if (length === 0 || offset % blockSize.minimum !== 0 || length % blockSize.minimum !== 0) {
      throw new SpdkError('EINVAL', `range ${offset}+${length} is not a multiple of ${blockSize.minimum} bytes`);
    }
    if (offset + length > sizeBytes) {
      throw new SpdkError('EINVAL', `range ${offset}+${length} is past the end of the device at ${sizeBytes}`);
    }
  }
}
