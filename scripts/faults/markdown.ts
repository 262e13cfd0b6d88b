/** The matrix in few lines, for a document: which check each fault was caught by, and what the upstream method saw. */
import { checks, type CheckId } from './checks.ts';
import type { Matrix, MatrixRow } from './matrix.ts';

/**
 * One line per check with the faults that it proved first in at least one run, then totals over all runs, then controls.
 * `*`: the fault was caught in some of its live runs only.
 */
export function matrixTable(matrix: Matrix): string {
  const faults = matrix.rows.filter(({ kind, runs }) => kind === 'fault' && runs.length > 0);
  const controls = matrix.rows.filter(({ kind, runs }) => kind === 'control' && runs.length > 0);
  const ids = Object.keys(checks) as CheckId[];
  const lines = ids.flatMap((check) => {
    const caught = faults.filter((row) => firstCheckOf(row) === check);
    if (caught.length === 0) return [];
    const seen = caught.filter(({ runs }) => runs.some(({ upstream }) => upstream === 'caught'));
    return [`| ${checks[check]} | ${caught.map(marked).join(' ')} | ${namesOf(seen)} |`];
  });
  const uncaught = faults.filter((row) => firstCheckOf(row) === undefined);
  const survivors = uncaught.filter(isLive);
  const equivalent = uncaught.filter((row) => !isLive(row));
  const { naming, comparison } = matrix;
  const { faults: live, suite, upstream, upstreamMeasured } = comparison;
  const silent = controls.filter(({ runs }) => runs.every(({ outcome }) => outcome === 'silent'));
  const others = controls.filter((row) => !silent.includes(row));
  return [
    '| check that proves it | live faults | of these, upstream too |',
    '|---|---|---|',
    ...lines,
    ...(survivors.length === 0 ? [] : [`| none | ${namesOf(survivors)} | |`]),
    ...(equivalent.length === 0 ? [] : [`| never live | ${namesOf(equivalent)} | |`]),
    `| **runs caught** | **${String(suite)} of ${String(live)}** | **${String(upstream)} of ${String(upstreamMeasured)}** |`,
    `| the right replica named, where not all are struck | ${String(naming.replica.right)} of ${String(naming.replica.of)} | |`,
    `| no place named but where bytes were changed | ${String(naming.place.right)} of ${String(naming.place.of)} | |`,
    `| controls that stayed silent | ${namesOf(silent)} | |`,
    ...(others.length === 0 ? [] : [`| controls that did not, or were not live | ${namesOf(others)} | |`]),
    '',
  ].join('\n');
}

function firstCheckOf({ runs }: MatrixRow): CheckId | undefined {
  return runs.find(({ outcome }) => outcome === 'caught')?.checks[0];
}

function isLive({ runs }: MatrixRow): boolean {
  return runs.some(({ differences }) => differences > 0);
}

function marked({ id, runs }: MatrixRow): string {
  const live = runs.filter(({ differences }) => differences > 0);
  return live.every(({ outcome }) => outcome === 'caught') ? id : `${id}*`;
}

function namesOf(rows: readonly MatrixRow[]): string {
  return rows.length === 0 ? 'none' : rows.map(({ id }) => id).join(' ');
}
