/** Suspends a device as dm does: new requests wait, running ones are let out first. */
export class IoGate {
  #running = 0;
  #suspensions = 0;
  #waiting: (() => void)[] = [];
  #drained: (() => void)[] = [];

  /** Resolves when the request may run; every `enter` needs its `leave`. */
  async enter(): Promise<void> {
    while (this.#suspensions > 0) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    this.#running += 1;
  }

  leave(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    for (const drained of this.#drained.splice(0)) drained();
  }

  async suspend(): Promise<void> {
    this.#suspensions += 1;
    while (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#drained.push(resolve);
      });
    }
  }

  resume(): void {
    this.#suspensions -= 1;
    if (this.#suspensions > 0) return;
    for (const proceed of this.#waiting.splice(0)) proceed();
  }
}
