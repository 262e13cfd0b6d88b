import { Worker } from 'node:worker_threads';
import type { Fingerprint, PassShape, Plan } from '../../helpers/oracle/plan.ts';
import { mibBytes } from '../../helpers/oracle/geometry.ts';
import { allocateAligned } from '../device/aligned-memory.ts';
import type { Device } from '../device/device.ts';
import { messageOf, ProbeError } from '../exit-codes.ts';
import type { Consumed, DigestJob } from './messages.ts';
import { createMibCheck, type MibFindings } from './mib-check.ts';
import { piecesAt, readInPieces } from './pieces.ts';
import { requestRange, ringLayout, ringParts } from './ring.ts';

export interface PassOptions {
  readonly device: Device;
  readonly plan: Plan;
  readonly expected: Fingerprint;
  readonly shape: PassShape;
  readonly inspectLimitBytes: number;
  /** File that a digesting thread runs: the bundle itself. */
  readonly threadFile: string;
  readonly onProgress: (bytes: number) => void;
}

/** What the probe answers to `pass`. */
export interface PassResult extends Omit<MibFindings, 'mibSha256'> {
  readonly fingerprint: Fingerprint;
  readonly shape: PassShape;
  readonly durationMs: number;
  readonly requests: number;
  /** Most requests that were in flight at once. */
  readonly deepest: number;
}

/** Bounds memory: the ring holds at least twice what is in flight. */
const mostInFlightBytes = 128 * mibBytes;
const deepestQueue = 256;
/** A message to the thread costs as much as digesting some tens of KiB. */
const messageBytes = 2 * mibBytes;

/** @throws {ProbeError} `usage` when the device or the probe cannot read like that */
function requireReadable(
  { requestBytes, phaseBytes, depth }: PassShape,
  device: Pick<Device, 'logicalBlockBytes'>,
): void {
  const whole = (bytes: number): boolean =>
    Number.isSafeInteger(bytes) && bytes % Math.max(4096, device.logicalBlockBytes) === 0;
  const holds =
    whole(requestBytes) &&
    requestBytes > 0 &&
    requestBytes <= 32 * mibBytes &&
    whole(phaseBytes) &&
    phaseBytes >= 0 &&
    phaseBytes < requestBytes &&
    Number.isInteger(depth) &&
    depth >= 1 &&
    depth <= deepestQueue &&
    depth * requestBytes <= mostInFlightBytes;
  if (!holds) {
    throw new ProbeError(
      'usage',
      `a pass cannot read with ${depth} requests of ${requestBytes} bytes, phase ${phaseBytes}: requests are multiples of 4096 up to 32 MiB, phase less than a request, 128 MiB in flight`,
    );
  }
}

/** Reads the whole device with `depth` requests in flight, never beyond what the threads have consumed plus the ring. */
class Reader {
  readonly #options: PassOptions;
  readonly #memory: Uint8Array;
  readonly #onFilled: (filledBytes: number) => void;
  readonly #layout;
  readonly #finished = new Set<number>();
  #next = 0;
  #firstOpen = 0;
  #inFlight = 0;
  #consumedBytes = 0;
  #announcedBytes = 0;
  #fail: (error: unknown) => void;
  deepest = 0;

  constructor(
    options: PassOptions,
    memory: Uint8Array,
    onFilled: (filledBytes: number) => void,
    fail: (error: unknown) => void,
  ) {
    this.#options = options;
    this.#layout = ringLayout(options.shape);
    this.#memory = memory;
    this.#onFilled = onFilled;
    this.#fail = fail;
  }

  get requests(): number {
    return this.#next;
  }

  /** Starts as many requests as depth and memory allow. */
  pump(consumedBytes = this.#consumedBytes): void {
    this.#consumedBytes = consumedBytes;
    const { device, shape, plan } = this.#options;
    while (this.#inFlight < shape.depth) {
      const { from, to } = requestRange(this.#layout, this.#next, device.sizeBytes);
      if (from >= to) return;
      // The slot's previous tenant must have been digested.
      if (requestRange(this.#layout, this.#next - this.#layout.slots, device.sizeBytes).to > consumedBytes) return;
      const [target] = ringParts(this.#layout, this.#memory, from, to);
      const index = this.#next++;
      this.#inFlight++;
      this.deepest = Math.max(this.deepest, this.#inFlight);
      const slot = target as Uint8Array;
      const request = { seed: plan.seed, shape, index, from, to, device };
      const small = shape.small === 'some' ? piecesAt(request) : undefined;
      const read = small === undefined ? device.read(from, slot) : readInPieces(device, from, slot, small);
      read.then(() => this.#finish(index), this.#fail);
    }
  }

  #finish(index: number): void {
    this.#inFlight--;
    this.#finished.add(index);
    while (this.#finished.delete(this.#firstOpen)) this.#firstOpen++;
    const filledBytes = requestRange(this.#layout, this.#firstOpen, this.#options.device.sizeBytes).from;
    const filled = Math.min(filledBytes, this.#options.device.sizeBytes);
    if (filled - this.#announcedBytes >= mibBytes / 2 || filled === this.#options.device.sizeBytes) {
      this.#announcedBytes = filled;
      this.#onFilled(filled);
    }
    this.pump();
  }
}

function startThread(options: {
  job: DigestJob;
  file: string;
  onConsumed: (consumed: Consumed) => void;
  fail: (error: unknown) => void;
}): Worker {
  const worker = new Worker(options.file, { workerData: options.job });
  worker.on('message', options.onConsumed);
  worker.on('error', (error) =>
    options.fail(new ProbeError('internal', `the digesting thread failed: ${messageOf(error)}`, { cause: error })),
  );
  return worker;
}

/**
 * One complete cold read. The fingerprint covers every byte of the device, and wrong MiBs are complete; memory does not
 * grow with the device. The digest of the whole device, which is the slowest part, has a thread of its own. Any failed
 * or short read ends the pass without a result.
 *
 * @throws {ProbeError}
 */
export async function runPass(options: PassOptions): Promise<PassResult> {
  const { device, plan, expected, shape, inspectLimitBytes, onProgress } = options;
  requireReadable(shape, device);
  const startedMs = performance.now();
  const { sizeBytes } = device;
  const layout = ringLayout(shape);
  const memory = allocateAligned(layout.requestBytes * layout.slots);
  const parts = (from: number, to: number): Uint8Array[] => ringParts(layout, memory, from, to);
  const mibs = createMibCheck({ plan, expected, sizeBytes, inspectLimitBytes, parts });
  let thread: Worker | undefined;
  try {
    const read = await new Promise<{ sha256: string; requests: number; deepest: number }>((resolve, reject) => {
      let checkedBytes = 0;
      let sentBytes = 0;
      const onFilled = (filledBytes: number): void => {
        checkedBytes = mibs.advance(filledBytes);
        if (filledBytes - sentBytes < messageBytes && filledBytes < sizeBytes) return;
        sentBytes = filledBytes;
        digesting.postMessage({ filledBytes });
      };
      const reader = new Reader(options, memory, onFilled, reject);
      const onConsumed = ({ consumedBytes, sha256 }: Consumed): void => {
        onProgress(consumedBytes);
        if (sha256 === undefined) reader.pump(Math.min(consumedBytes, checkedBytes));
        else resolve({ sha256, requests: reader.requests, deepest: reader.deepest });
      };
      const job = { memory, layout, sizeBytes };
      const digesting = startThread({ job, file: options.threadFile, onConsumed, fail: reject });
      thread = digesting;
      reader.pump();
    });
    const { mibSha256, ...wrong } = mibs.findings();
    const { sha256, ...counts } = read;
    const fingerprint = { byteCount: sizeBytes, sha256, mibSha256 };
    return { fingerprint, ...wrong, shape, durationMs: performance.now() - startedMs, ...counts };
  } finally {
    await thread?.terminate();
  }
}
