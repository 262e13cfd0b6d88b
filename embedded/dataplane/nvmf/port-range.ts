import { SpdkError } from '../blobstore/errors.ts';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** The ports of one instance manager, handed out in ranges, lowest first (first fit, as its bitmap does). */
export class PortAllocator {
  readonly #first: number;
  readonly #taken: boolean[];

  constructor(first = 20001, last = 30000) {
    this.#first = first;
    this.#taken = new Array<boolean>(last - first + 1).fill(false);
  }

  allocate(count: number): PortRange {
    for (let start = 0; start + count <= this.#taken.length; start++) {
      if (this.#taken.slice(start, start + count).some(Boolean)) continue;
      this.#taken.fill(true, start, start + count);
      return { first: this.#first + start, last: this.#first + start + count - 1 };
    }
    throw new SpdkError('ENOSPC', `no ${count} consecutive free ports from ${this.#first} on`);
  }

  release(range: PortRange): void {
    this.#taken.fill(false, range.first - this.#first, range.last - this.#first + 1);
  }
}
