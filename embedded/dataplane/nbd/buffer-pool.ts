const keptBytes = 32 * 1024 * 1024;

/** Buffers for replies, used again once the socket has taken them, so that a long read makes no garbage. */
export class BufferPool {
  readonly #free: Buffer[] = [];
  #freeBytes = 0;

  /** At least `bytes` long. */
  take(bytes: number): Buffer {
    const position = this.#free.findIndex((buffer) => buffer.length >= bytes);
    const [found] = position === -1 ? [] : this.#free.splice(position, 1);
    if (found === undefined) return Buffer.allocUnsafeSlow(Math.max(bytes, 256 * 1024));
    this.#freeBytes -= found.length;
    return found;
  }

  give(buffer: Buffer): void {
    if (this.#freeBytes + buffer.length > keptBytes) return;
    this.#free.push(buffer);
    this.#freeBytes += buffer.length;
  }
}
