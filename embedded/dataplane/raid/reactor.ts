/** What a reactor needs of time; tests put a virtual one in its place. */
export interface ReactorTime {
  nowMicroseconds(): number;
  /** Calls back soon, after pending socket input had its turn. */
  poll(callback: () => void): void;
}

const realTime: ReactorTime = {
  nowMicroseconds: () => performance.now() * 1000,
  poll: (callback) => {
    setImmediate(callback);
  },
};

interface Pending {
  dueMicroseconds: number;
  complete: () => void;
}

/**
 * One SPDK thread: commands stay outstanding for their service time and then complete, the earliest due first. Like
 * SPDK's it polls while something is outstanding and only then; an idle reactor costs nothing.
 */
export class Reactor {
  readonly #time: ReactorTime;
  readonly #pending: Pending[] = [];
  #polling = false;

  constructor(time: ReactorTime = realTime) {
    this.#time = time;
  }

  submit(serviceMicroseconds: number, complete: () => void): void {
    const dueMicroseconds = this.#time.nowMicroseconds() + serviceMicroseconds;
    let position = this.#pending.length;
    while (position > 0 && (this.#pending[position - 1]?.dueMicroseconds ?? 0) > dueMicroseconds) position--;
    this.#pending.splice(position, 0, { dueMicroseconds, complete });
    this.#startPolling();
  }

  #startPolling(): void {
    if (this.#polling) return;
    this.#polling = true;
    this.#time.poll(() => {
      this.#poll();
    });
  }

  #poll(): void {
    this.#polling = false;
    const now = this.#time.nowMicroseconds();
    while ((this.#pending[0]?.dueMicroseconds ?? Infinity) <= now) this.#pending.shift()?.complete();
    if (this.#pending.length > 0) this.#startPolling();
  }
}
