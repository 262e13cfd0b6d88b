import { joinBlocks } from '../../helpers/oracle/classify.ts';
import { ChurnHistory } from '../../helpers/oracle/churn-history.ts';
import type { ChurnState } from '../../helpers/oracle/churn.ts';
import { writeInto } from '../../helpers/oracle/content.ts';
import type { Plan, WrongBlock } from '../../helpers/oracle/plan.ts';
import { seededRandom, type SeededRandom } from '../../helpers/oracle/seeded-random.ts';
import { allocateAligned } from '../device/aligned-memory.ts';
import type { Device } from '../device/device.ts';
import { messageOf } from '../exit-codes.ts';

/** What the probe answers to `churn`. */
export interface ChurnResult {
  /** Per connection, how many of its writes were acknowledged since the plan began. */
  readonly acknowledged: readonly number[];
  /** Per connection, how many were sent: one more than acknowledged where the device failed under a write. */
  readonly sent: readonly number[];
  readonly writes: number;
  readonly bytes: number;
  /** Everything acknowledged was flushed. */
  readonly flushed: boolean;
  readonly reads: { readonly requests: number; readonly bytes: number; readonly sweeps: number };
  /** What reads showed that the history of the blocks does not explain. */
  readonly wrongBlocks: readonly WrongBlock[];
  readonly truncated: boolean;
  /** The first failure of the device, which ended it; absent when it was told to end. */
  readonly failure?: string;
  readonly durationMs: number;
}

export interface ChurnOptions {
  /** A connection of its own for each writer, then one for each reader. */
  readonly writers: readonly Device[];
  readonly readers: readonly Device[];
  /** Its writes are what was there before. */
  readonly plan: Plan;
  readonly state?: ChurnState;
  /** Ends it: what is in flight is waited for. */
  readonly stop: AbortSignal;
  readonly onProgress: (writes: number) => void;
}

/** Reads of a connection in flight. With several, every replica is asked. */
const readDepth = 4;
const readBytes = 128 * 1024;
/** A sweep that has shown so many wrong blocks needs no more of them. */
const mostBlocks = 1024;

class Churn {
  readonly #options: ChurnOptions;
  readonly #history: ChurnHistory;
  readonly #random: SeededRandom;
  #wrongBlocks: WrongBlock[] = [];
  #truncated = false;
  #failure: string | undefined;
  #writes = 0;
  #bytes = 0;
  #requests = 0;
  #readBytes = 0;
  #sweeps = 0;
  #nextBytes = 0;

  constructor(options: ChurnOptions) {
    this.#options = options;
    this.#random = seededRandom(options.plan.seed, 'churn reads');
    this.#history = new ChurnHistory(options.plan, options.state);
  }

  async run(): Promise<ChurnResult> {
    const { writers, readers } = this.#options;
    const startedMs = performance.now();
    const lanes = [
      ...writers.map((device, connection) => this.#write(device, connection)),
      ...readers.flatMap((device) => Array.from({ length: readDepth }, () => this.#read(device))),
    ];
    await Promise.all(lanes.map((lane) => lane.catch((error: unknown) => this.#fail(error))));
    let flushed = false;
    if (this.#failure === undefined) {
      await Promise.all(writers.map((device) => device.flush())).then(
        () => (flushed = true),
        (error: unknown) => this.#fail(error),
      );
    }
    return {
      acknowledged: this.#history.acknowledged,
      sent: this.#history.sent,
      writes: this.#writes,
      bytes: this.#bytes,
      flushed,
      reads: { requests: this.#requests, bytes: this.#readBytes, sweeps: this.#sweeps },
      wrongBlocks: this.#wrongBlocks,
      truncated: this.#truncated,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      durationMs: performance.now() - startedMs,
    };
  }

  get #ends(): boolean {
    return this.#options.stop.aborted || this.#failure !== undefined;
  }

  #fail(error: unknown): void {
    this.#failure ??= messageOf(error);
  }

  async #write(device: Device, connection: number): Promise<void> {
    const { plan, onProgress } = this.#options;
    const longest = Math.max(...(plan.churn?.connections[connection] ?? []).map(({ lengthBytes }) => lengthBytes));
    const memory = allocateAligned(longest);
    // A device that fails fails here too: what is in flight is known of every connection, not of the first to notice.
    while (!this.#options.stop.aborted) {
      const write = this.#history.send(connection);
      const source = memory.subarray(0, write.lengthBytes);
      writeInto({ seed: plan.seed, write, target: source });
      await device.write(write.offsetBytes, source);
      this.#history.acknowledge(connection);
      this.#writes += 1;
      this.#bytes += write.lengthBytes;
      onProgress(this.#writes);
      await new Promise((resolve) => setTimeout(resolve, plan.churn?.pauseMs ?? 0));
    }
  }

  /** Lanes read the next stretch of the device, again and again from its start, in turn with one where blocks are. */
  async #read(device: Device): Promise<void> {
    const memory = allocateAligned(readBytes);
    for (let count = 0; !this.#ends; count++) {
      const offsetBytes = count % 2 === 0 ? this.#nextStretch(device.sizeBytes) : this.#stretchOfBlock();
      const target = memory.subarray(0, Math.min(readBytes, device.sizeBytes - offsetBytes));
      const mark = this.#history.begin(offsetBytes, target.length);
      await device.read(offsetBytes, target);
      this.#requests += 1;
      this.#readBytes += target.length;
      this.#note(this.#history.judge(mark, target));
    }
  }

  #nextStretch(sizeBytes: number): number {
    const offsetBytes = this.#nextBytes;
    this.#nextBytes += readBytes;
    if (this.#nextBytes >= sizeBytes) {
      this.#nextBytes = 0;
      this.#sweeps += 1;
    }
    return offsetBytes;
  }

  #stretchOfBlock(): number {
    const block = this.#random.pick(this.#random.pick(this.#options.plan.churn?.connections ?? []));
    return Math.floor(block.offsetBytes / readBytes) * readBytes;
  }

  #note(blocks: readonly WrongBlock[]): void {
    if (blocks.length === 0) return;
    if (this.#wrongBlocks.length >= mostBlocks) this.#truncated = true;
    else this.#wrongBlocks = joinBlocks([...this.#wrongBlocks, ...blocks]);
  }
}

/**
 * Writes the plan's blocks on several connections and reads the whole device on others, judging every read by the history
 * of what it covers, until it is stopped or the device fails. Memory does not grow with time.
 */
export function runChurn(options: ChurnOptions): Promise<ChurnResult> {
  return new Churn(options).run();
}
