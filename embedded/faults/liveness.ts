import { replicaOf } from './rebuilds.ts';

/** What a fault changed: bytes that a reader may get, a name, or a state. */
export interface Difference {
  readonly what: 'bytes' | 'name' | 'state';
  /** Where, and what would have been. */
  readonly detail: string;
}

/** Bytes of an lvol that are not what they would have been. */
export interface ChangedBytes {
  readonly lvolName: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** What stands there, or why. */
  readonly how: string;
}

/** The MiBs of the device in which bytes of a replica, or of a parent that replicas share, differed at some moment. */
export interface ChangedMibs {
  /** `''` for a shared parent. */
  readonly replica: string;
  /** In ascending order. */
  readonly mibs: readonly number[];
}

export interface LivenessReport {
  readonly fault: string;
  readonly parameters: string;
  /** How many times something really differed; 0 makes the run say nothing about the suite. */
  readonly differences: number;
  /** The first of them. */
  readonly examples: readonly Difference[];
  /** Where all differences of bytes are: no finding of wrong bytes may name another place. */
  readonly changed: readonly ChangedMibs[];
}

const mostExamples = 10;
const mib = 1024 * 1024;

/**
 * Records when a fault really made something differ from what would have been. A fault that found nothing to change in a
 * run is equivalent to none there, and counts neither as caught nor as survived.
 */
export class Liveness {
  readonly #fault: string;
  readonly #parameters: string;
  readonly #onChange: (liveness: Liveness) => void;
  readonly #examples: Difference[] = [];
  readonly #changed = new Map<string, Set<number>>();
  #differences = 0;

  constructor(options: { fault: string; parameters: string; onChange?: (liveness: Liveness) => void }) {
    this.#fault = options.fault;
    this.#parameters = options.parameters;
    this.#onChange = options.onChange ?? (() => undefined);
  }

  note(what: 'name' | 'state', detail: string): void {
    this.#note({ what, detail });
  }

  noteBytes({ lvolName, offsetBytes, lengthBytes, how }: ChangedBytes): void {
    const replica = replicaOf(lvolName);
    const mibs = this.#changed.get(replica) ?? new Set();
    this.#changed.set(replica, mibs);
    const last = Math.floor((offsetBytes + lengthBytes - 1) / mib);
    for (let index = Math.floor(offsetBytes / mib); index <= last; index++) mibs.add(index);
    this.#note({ what: 'bytes', detail: `${lengthBytes} bytes at ${offsetBytes} of ${lvolName}: ${how}` });
  }

  report(): LivenessReport {
    return {
      fault: this.#fault,
      parameters: this.#parameters,
      differences: this.#differences,
      examples: [...this.#examples],
      changed: [...this.#changed].map(([replica, mibs]) => ({ replica, mibs: [...mibs].sort((a, b) => a - b) })),
    };
  }

  #note(difference: Difference): void {
    this.#differences += 1;
    if (this.#examples.length < mostExamples) this.#examples.push(difference);
    this.#onChange(this);
  }
}
