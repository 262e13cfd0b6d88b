/**
 * A conversation over a byte stream, written as a generator that yields the memory it wants filled next. Incoming chunks are
 * copied once, straight to where they belong.
 */
export type Conversation = Generator<Uint8Array, void, void>;

/** Hands chunks of a stream to a conversation. */
export class ByteFeed {
  readonly #conversation: Conversation;
  #target: Uint8Array | undefined;
  #filled = 0;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    this.#advance();
  }

  #advance(): void {
    do {
      const step = this.#conversation.next();
      this.#target = step.done === true ? undefined : step.value;
      this.#filled = 0;
    } while (this.#target?.length === 0);
  }

  /** Throws what the conversation throws; bytes after its end are an error too. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      const target = this.#target;
      if (target === undefined) throw new Error(`${chunk.length - at} bytes after the end of the conversation`);
      const count = Math.min(target.length - this.#filled, chunk.length - at);
      target.set(chunk.subarray(at, at + count), this.#filled);
      at += count;
      this.#filled += count;
      if (this.#filled === target.length) this.#advance();
    }
  }
}
