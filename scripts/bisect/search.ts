/** The search for the first candidate that differs from the older end of an ordered list. Pure but for the trials. */

export type Judgement = 'good' | 'bad' | 'skip';

/** What one trial showed. */
export interface Trial<T> {
  readonly candidate: T;
  readonly judgement: Judgement;
}

export type BisectOutcome<T> =
  /** `last` still is as the older end, `first` is as the newer one, and nothing lies between. */
  | { readonly kind: 'found'; readonly last: T; readonly first: T }
  /** All that is left between could not be judged. */
  | { readonly kind: 'narrowed'; readonly last: T; readonly first: T; readonly suspects: readonly T[] }
  /** An end is not what it was said to be. */
  | { readonly kind: 'contradicted'; readonly end: T; readonly claimed: Judgement; readonly seen: Judgement };

export interface BisectRequest<T> {
  /** At least two, in order of time. */
  readonly candidates: readonly T[];
  /** What the first of them is said to be; the last is the opposite. */
  readonly older: 'good' | 'bad';
  readonly tryOut: (candidate: T) => Promise<Judgement>;
  readonly onTrial: (trial: Trial<T>, left: number) => void;
}

/**
 * Tries both ends first, then halves. A candidate that cannot be judged is skipped, as `git bisect skip` does: the next
 * nearest to the middle is tried. What it finds is one change; that there is no other is known only of what was tried.
 */
export async function bisect<T>({ candidates, older, tryOut, onTrial }: BisectRequest<T>): Promise<BisectOutcome<T>> {
  const newer = opposite(older);
  const skipped = new Set<number>();
  let low = 0;
  let high = candidates.length - 1;
  const at = (index: number): T => {
    const candidate = candidates[index];
    if (candidate === undefined) throw new RangeError(`no candidate ${String(index)} of ${String(candidates.length)}`);
    return candidate;
  };
  const judge = async (index: number): Promise<Judgement> => {
    const judgement = await tryOut(at(index));
    if (judgement === older) low = index;
    else if (judgement === newer) high = index;
    else skipped.add(index);
    onTrial({ candidate: at(index), judgement }, untried(low, high, skipped).length);
    return judgement;
  };
  for (const { index, claimed } of [
    { index: low, claimed: older },
    { index: high, claimed: newer },
  ]) {
    const seen = await judge(index);
    if (seen !== claimed) return { kind: 'contradicted', end: at(index), claimed, seen };
  }
  for (let next = nearestToMiddle(low, high, skipped); next !== undefined; next = nearestToMiddle(low, high, skipped)) {
    await judge(next);
  }
  const suspects = candidates.slice(low + 1, high);
  return suspects.length === 0
    ? { kind: 'found', last: at(low), first: at(high) }
    : { kind: 'narrowed', last: at(low), first: at(high), suspects };
}

export function opposite(judgement: 'good' | 'bad'): 'good' | 'bad' {
  return judgement === 'good' ? 'bad' : 'good';
}

function nearestToMiddle(low: number, high: number, skipped: ReadonlySet<number>): number | undefined {
  const middle = (low + high) / 2;
  return untried(low, high, skipped).sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || a - b)[0];
}

function untried(low: number, high: number, skipped: ReadonlySet<number>): number[] {
  const between = Array.from({ length: Math.max(0, high - low - 1) }, (_, offset) => low + 1 + offset);
  return between.filter((index) => !skipped.has(index));
}

/** How often good and bad change places among the trials, in order of the list; more than once is not monotone. */
export function changes<T>(candidates: readonly T[], trials: readonly Trial<T>[]): readonly (readonly [T, T])[] {
  const judged = candidates.flatMap((candidate) =>
    trials.filter((trial) => trial.candidate === candidate && trial.judgement !== 'skip'),
  );
  return judged.flatMap((trial, index) => {
    const before = judged[index - 1];
    return before === undefined || before.judgement === trial.judgement
      ? []
      : [[before.candidate, trial.candidate] as const];
  });
}
