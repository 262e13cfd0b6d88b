import { expect, test } from '@playwright/test';
import { matrixTable } from '../../../scripts/faults/markdown.ts';
import { makeMatrix, matrixText, type Matrix } from '../../../scripts/faults/matrix.ts';
import type { FaultRunResult } from '../../../scripts/faults/run-fault.ts';

function run(fault: string, more: Partial<FaultRunResult>): FaultRunResult {
  return {
    fault,
    seed: 's1',
    durationMs: 1,
    outDir: '',
    upstream: 'missed',
    blind: {},
    outcome: 'caught',
    findings: [],
    kinds: [],
    checks: ['alone'],
    wrongBytes: [],
    blamed: 'right',
    located: 'right',
    differences: 1,
    why: '',
    ...more,
  };
}

/** Of runs that are all that was asked for. */
const matrixOf = (made: readonly FaultRunResult[]): Matrix => makeMatrix(made, made);

const results = [
  run('FM01', { upstream: 'caught' }),
  run('FM01', { seed: 's2', outcome: 'survived', checks: [] }),
  run('FM15', { checks: ['allocation', 'alone'], upstream: 'not measured', located: 'not-expected' }),
  run('FM07', { outcome: 'equivalent', checks: [], differences: 0 }),
  run('FM08', { outcome: 'survived', checks: [] }),
  run('N7', { outcome: 'silent', checks: [], differences: 1 }),
  run('N1', { outcome: 'false-alarm', checks: ['chain'], differences: 1 }),
];

test('the table says which check proved a fault first, and which were not caught in every run', () => {
  const table = matrixTable(matrixOf(results)).split('\n');
  expect(table).toContain('| rebuilt replica alone | FM01* | FM01 |');
  expect(table).toContain('| allocation and sizes | FM15 | none |');
  expect(table).toContain('| none | FM08 | |');
  expect(table).toContain('| never live | FM07 | |');
});

test('a place or a replica that is named wrongly is counted, and does not pass', () => {
  const matrix = matrixOf([run('FM01', {}), run('FM02', { located: 'elsewhere', blamed: 'another' })]);
  expect(matrix.naming).toEqual({ replica: { right: 1, of: 2 }, place: { right: 1, of: 2 } });
  expect(matrix.passed).toBe(false);
  expect(matrixOf([run('FM01', {})]).passed).toBe(true);
});

test('a run that was asked for and left no result is named, and the others do not pass without it', () => {
  const made = [run('FM01', {}), run('N7', { outcome: 'silent', checks: [] })];
  const planned = [...made, { fault: 'FM15', seed: 's1' }, { fault: 'FM01', seed: 's2' }];
  const matrix = makeMatrix(made, planned);
  expect(matrix).toMatchObject({ passed: false, missing: ['FM15 at seed s1', 'FM01 at seed s2'] });
  expect(matrixText(matrix)).toContain('asked for, and without a result: FM15 at seed s1');
  expect(makeMatrix([], []).passed).toBe(false);
});

test('one fault that is not caught hides none of the others', () => {
  const matrix = matrixOf([run('FM01', { outcome: 'survived', checks: [] }), run('FM15', {}), run('FM22', {})]);
  expect(matrix).toMatchObject({
    passed: false,
    score: { survived: 1, caught: 2 },
    comparison: { faults: 3, suite: 2 },
  });
});

test('its totals count live runs, and the upstream method only where it was measured', () => {
  const table = matrixTable(matrixOf(results)).split('\n');
  expect(table).toContain('| **runs caught** | **2 of 4** | **1 of 3** |');
  expect(table).toContain('| controls that stayed silent | N7 | |');
  expect(table).toContain('| controls that did not, or were not live | N1 | |');
});
