import { catalogue } from '../../embedded/faults/catalogue/index.ts';
import type { Defect, Fault } from '../../embedded/faults/fault.ts';
import type { FaultRunResult } from './run-fault.ts';
import type { Outcome } from './score.ts';

/** One fault or control, with what each of its runs showed; none where no scenario reaches it. */
export interface MatrixRow {
  readonly id: string;
  readonly name: string;
  readonly model: string;
  readonly kind: Fault['kind'];
  readonly copies: readonly Defect[];
  readonly notRun: string;
  readonly runs: readonly FaultRunResult[];
}

export interface Matrix {
  readonly rows: readonly MatrixRow[];
  readonly score: Readonly<Partial<Record<Outcome | 'not-run', number>>>;
  /**
   * Runs in which a fault was live, how many of them this suite caught, and how many the upstream method, which can be
   * measured where nothing is written between its two checksums.
   */
  readonly comparison: {
    readonly faults: number;
    readonly suite: number;
    readonly upstream: number;
    readonly upstreamMeasured: number;
  };
  /** What the findings of the live runs name, and how often it is right. */
  readonly naming: Readonly<Record<'replica' | 'place', { readonly right: number; readonly of: number }>>;
  /** Blinded suites whose survivors are not those that the catalogue names; empty when all are. */
  readonly blindSurprises: readonly string[];
  /** Runs that were asked for and left no result, `<id> at seed <seed>`: nothing may be concluded from the others then. */
  readonly missing: readonly string[];
  /**
   * Every run that was asked for was made, and in each the live fault was caught, in the right place and on the right
   * replica, and no control raised an alarm.
   */
  readonly passed: boolean;
}

/** One run that a matrix is to have. */
export interface PlannedFaultRun {
  readonly fault: string;
  readonly seed: string;
}

/** Outcomes that a sound suite may have. */
const good: readonly Outcome[] = ['caught', 'silent', 'equivalent'];

export function makeMatrix(results: readonly FaultRunResult[], planned: readonly PlannedFaultRun[]): Matrix {
  const rows = catalogue.map((fault): MatrixRow => {
    const { id, name, model, kind, copies } = fault;
    const runs = results.filter((result) => result.fault === id);
    const asked = planned.some((run) => run.fault === id) ? 'no result' : 'not asked for';
    const notRun = fault.kind === 'unreached' ? `needs ${fault.needs}` : asked;
    return { id, name, model, kind, copies, notRun, runs };
  });
  const score: Partial<Record<Outcome | 'not-run', number>> = {};
  for (const row of rows) {
    const outcomes = row.runs.length === 0 ? (['not-run'] as const) : row.runs.map(({ outcome }) => outcome);
    for (const outcome of outcomes) score[outcome] = (score[outcome] ?? 0) + 1;
  }
  const live = results.filter(({ fault, differences }) => isFault(fault) && differences > 0);
  const comparison = {
    faults: live.length,
    suite: live.filter(({ outcome }) => outcome === 'caught').length,
    upstream: live.filter(({ upstream }) => upstream === 'caught').length,
    upstreamMeasured: live.filter(({ upstream }) => upstream !== 'not measured').length,
  };
  const naming = {
    replica: share(live.map(({ blamed }) => blamed)),
    place: share(live.map(({ located }) => located)),
  };
  const blindSurprises = live.flatMap(surprisesOf);
  const missing = planned
    .filter(({ fault, seed }) => !results.some((result) => result.fault === fault && result.seed === seed))
    .map(({ fault, seed }) => `${fault} at seed ${seed}`);
  return {
    rows,
    score,
    comparison,
    naming,
    blindSurprises,
    missing,
    passed:
      results.length > 0 &&
      missing.length === 0 &&
      results.every(({ outcome }) => good.includes(outcome)) &&
      Object.values(naming).every(({ right, of }) => right === of),
  };
}

function share(words: readonly string[]): { right: number; of: number } {
  const expected = words.filter((word) => word !== 'not-expected');
  return { right: expected.filter((word) => word === 'right').length, of: expected.length };
}

function isFault(id: string): boolean {
  return catalogue.some((fault) => fault.id === id && fault.kind === 'fault');
}

/** Where a suite without one detector lets the fault survive, other than the catalogue says. */
function surprisesOf({ fault: id, seed, blind }: FaultRunResult): string[] {
  const fault = catalogue.find((candidate) => candidate.id === id);
  const needed: readonly string[] = fault?.kind === 'fault' ? (fault.neededChecks ?? []) : [];
  return Object.entries(blind).flatMap(([detector, verdict]) => {
    const survived = verdict === 'consistent';
    if (survived === needed.includes(detector)) return [];
    const what = survived ? 'survives' : 'is caught';
    return [`${id} at seed ${seed} ${what} without ${detector}, unlike the catalogue says`];
  });
}

/** The matrix as text for a terminal: a line per run. */
export function matrixText(matrix: Matrix): string {
  const lines = matrix.rows.flatMap(({ id, name, notRun, runs }) => {
    const left = `${id.padEnd(5)} ${name.padEnd(46).slice(0, 46)}`;
    if (runs.length === 0) return [`${left} not run: ${notRun}`];
    return runs.map((run) => `${left} ${run.outcome.padEnd(16)} ${run.seed.padEnd(6)} ${detailOf(run)}`);
  });
  const score = Object.entries(matrix.score).map(([outcome, count]) => `${String(count)} ${outcome}`);
  const { faults, suite, upstream, upstreamMeasured } = matrix.comparison;
  const comparison =
    `of ${String(faults)} live runs: ${String(suite)} caught; by the upstream method ${String(upstream)} ` +
    `of the ${String(upstreamMeasured)} in which nothing is written between its two checksums`;
  const gaps = matrix.missing.map((run) => `asked for, and without a result: ${run}`);
  return [...lines, '', score.join(', '), comparison, namingText(matrix), ...gaps, ...matrix.blindSurprises].join('\n');
}

/** How often the findings of live runs are right about whose bytes are wrong, and where. */
export function namingText({ naming: { replica, place } }: Matrix): string {
  return (
    `the right replica is named in ${String(replica.right)} of ${String(replica.of)} live runs in which not all are struck; ` +
    `in ${String(place.right)} of ${String(place.of)} with wrong bytes, every MiB that is named is one that the fault changed`
  );
}

/** By which checks, with which wrong bytes; or why there is nothing to show. */
export function detailOf(run: FaultRunResult): string {
  const by = run.kinds.join(', ');
  const bytes = run.wrongBytes.length === 0 ? '' : ` (${run.wrongBytes.join(', ')})`;
  const unnamed = run.blamed === 'nobody' && run.kinds.length > 0 ? ', no replica named' : '';
  const blamed = run.blamed === 'another' ? ', another replica named' : unnamed;
  const located = run.located === 'elsewhere' ? ', also named where nothing was changed' : '';
  const upstream = run.upstream === 'not measured' ? '' : ` [upstream ${run.upstream}]`;
  return `${by}${bytes}${blamed}${located}${run.why === '' ? '' : ` ${run.why}`}${upstream}`.trim();
}

/** What `--list` shows. */
export function listText(): string {
  return catalogue
    .map((fault) => {
      const copies = fault.copies.map(({ name, url }) => `      copies ${name}  ${url}`);
      const parameters = fault.kind === 'unreached' ? [] : Object.entries(fault.parameters);
      const described = parameters.map(([name, spec]) => {
        const range = spec.kind === 'choice' ? spec.choices.join('|') : `${String(spec.min)}…${String(spec.max)}`;
        return `      ${name}=${String(spec.default)}  ${range}: ${spec.text}`;
      });
      const needs = fault.kind === 'unreached' ? [`      not run: needs ${fault.needs}`] : [];
      const kind = fault.kind === 'control' || fault.id.startsWith('N') ? ' (control: must raise no finding)' : '';
      return [
        `${fault.id.padEnd(5)} ${fault.name}${kind}`,
        `      ${fault.model}`,
        ...copies,
        ...described,
        ...needs,
      ].join('\n');
    })
    .join('\n');
}
