/** What a fault changed: bytes that a reader may get, a name, or a state. */
export interface Difference {
  readonly what: 'bytes' | 'name' | 'state';
  /** Where, and what would have been. */
  readonly detail: string;
}

export interface LivenessReport {
  readonly fault: string;
  readonly parameters: string;
  /** How many times something really differed; 0 makes the run say nothing about the suite. */
  readonly differences: number;
  /** The first of them. */
  readonly examples: readonly Difference[];
}

const mostExamples = 10;

/**
 * Records when a fault really made something differ from what would have been. A fault that found nothing to change in a
 * run is equivalent to none there, and counts neither as caught nor as survived.
 */
export class Liveness {
  readonly #fault: string;
  readonly #parameters: string;
  readonly #onChange: (report: LivenessReport) => void;
  readonly #examples: Difference[] = [];
  #differences = 0;

  constructor(options: { fault: string; parameters: string; onChange?: (report: LivenessReport) => void }) {
    this.#fault = options.fault;
    this.#parameters = options.parameters;
    this.#onChange = options.onChange ?? (() => undefined);
  }

  note(what: Difference['what'], detail: string): void {
    this.#differences += 1;
    if (this.#examples.length < mostExamples) this.#examples.push({ what, detail });
    this.#onChange(this.report());
  }

  report(): LivenessReport {
    return {
      fault: this.#fault,
      parameters: this.#parameters,
      differences: this.#differences,
      examples: [...this.#examples],
    };
  }
}
