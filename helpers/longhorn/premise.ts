/** Something that a verdict rests on. Unmet makes a run inconclusive, never red and never green. */
export interface Premise {
  readonly name: string;
  readonly state: 'met' | 'unmet';
  readonly detail: string;
}

/** Ends a run's story early: what it would say from here on would mean nothing. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
  readonly premise: string;
  constructor(premise: string, detail: string, options?: ErrorOptions) {
    super(`inconclusive: ${premise}: ${detail}`, options);
    this.premise = premise;
  }
}
