import { ReadCounters } from '../../../embedded/dataplane/raid/raid1.ts';
import { Reactor, type ReactorTime } from '../../../embedded/dataplane/raid/reactor.ts';
import { serviceMicroseconds } from '../../../embedded/dataplane/raid/service-time.ts';
import { seededRandom } from '../../../embedded/dataplane/random.ts';

/** Time that moves only when nothing is left to do now. */
class VirtualTime implements ReactorTime {
  #nowMicroseconds = 0;
  readonly #later: { at: number; callback: () => void }[] = [];
  readonly #pollMicroseconds: number;

  constructor(pollMicroseconds: number) {
    this.#pollMicroseconds = pollMicroseconds;
  }

  nowMicroseconds(): number {
    return this.#nowMicroseconds;
  }

  poll(callback: () => void): void {
    this.after(this.#pollMicroseconds, callback);
  }

  after(microseconds: number, callback: () => void): void {
    const at = this.#nowMicroseconds + microseconds;
    const position = this.#later.findIndex((entry) => entry.at > at);
    this.#later.splice(position === -1 ? this.#later.length : position, 0, { at, callback });
  }

  run(): void {
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) {
      this.#nowMicroseconds = next.at;
      next.callback();
    }
  }
}

export interface Passes {
  replicas: number;
  /** Requests that the host keeps in flight. */
  depth: number;
  /** Commands that one request is cut into, all sent at once. */
  commandsPerRequest?: number;
  commandBytes: number;
  commands: number;
  passes: number;
  seed: string;
}

/** Whole-device passes of one host on one reactor. For each pass the slot that served each command, by position. */
export function slotsOfPasses(options: Passes): number[][] {
  const time = new VirtualTime(4);
  const reactor = new Reactor(time);
  const counters = new ReadCounters();
  const random = seededRandom(options.seed, 'service-time');
  const slots = Array.from({ length: options.replicas }, (_, slot) => slot);
  const perRequest = options.commandsPerRequest ?? 1;
  return Array.from({ length: options.passes }, () => {
    const served = new Array<number>(options.commands).fill(-1);
    let next = 0;
    const send = (): void => {
      let outstanding = Math.min(perRequest, options.commands - next);
      for (let left = outstanding; left > 0; left--) {
        const slot = counters.choose(slots);
        served[next++] = slot;
        counters.started(slot, options.commandBytes);
        reactor.submit(serviceMicroseconds(options.commandBytes, random), () => {
          counters.ended(slot, options.commandBytes);
          outstanding -= 1;
          // The host takes a moment to see the completion and to send the next request.
          if (outstanding === 0 && next < options.commands) time.after(15 + 30 * random.next(), send);
        });
      }
    };
    for (let request = 0; request < options.depth && next < options.commands; request++) send();
    time.run();
    return served;
  });
}

export function shares(passes: readonly (readonly number[])[], replicas: number): number[] {
  const all = passes.flat();
  return Array.from(
    { length: replicas },
    (_, slot) => (100 * all.filter((served) => served === slot).length) / all.length,
  );
}

/** Averaged over positions: the chance that the slot served a block in at least one of the first k passes. */
export function seenWithin(passes: readonly (readonly number[])[], slot: number, k: number): number {
  const positions = passes[0]?.length ?? 0;
  let seen = 0;
  for (let position = 0; position < positions; position++) {
    if (passes.slice(0, k).some((pass) => pass[position] === slot)) seen += 1;
  }
  return seen / positions;
}
