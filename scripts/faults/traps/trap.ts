/** What such a trap makes of a verifier that steps into it. */
export type TrapKind = 'false confidence' | 'false alarm' | 'either' | 'lost evidence';

/** A test that fails when the defence is taken out. */
export interface TrapTest {
  /** From the project's root. */
  readonly file: string;
  /** The whole title, as Playwright lists it. */
  readonly title: string;
}

/** A way in which a consistency test can mislead whoever runs it, and what keeps this suite from it. */
export interface Trap {
  /** `T01` to `T40`. */
  readonly id: string;
  /** One line: what happens to whoever steps into it. */
  readonly trap: string;
  readonly kind: TrapKind;
  /** One line: what this suite does instead. */
  readonly defence: string;
  /** The files that do it, from the project's root. */
  readonly doneBy: readonly string[];
  readonly shownBy: readonly TrapTest[];
}

/** Tests of one file; `file` from `tests/` on, without `.test.ts`. */
export function shown(file: string, ...titles: readonly string[]): TrapTest[] {
  return titles.map((title) => ({ file: `tests/${file}.test.ts`, title }));
}
