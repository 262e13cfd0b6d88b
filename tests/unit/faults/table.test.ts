import { expect, test } from '@playwright/test';
import { matrixTable } from '../../../scripts/faults/markdown.ts';
import { makeMatrix } from '../../../scripts/faults/matrix.ts';
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
  const table = matrixTable(makeMatrix(results, () => true)).split('\n');
  expect(table).toContain('| rebuilt replica alone | FM01* | FM01 |');
  expect(table).toContain('| allocation and sizes | FM15 | none |');
  expect(table).toContain('| none | FM08 | |');
  expect(table).toContain('| never live | FM07 | |');
});

test('a place or a replica that is named wrongly is counted, and does not pass', () => {
  const matrix = makeMatrix([run('FM01', {}), run('FM02', { located: 'elsewhere', blamed: 'another' })], () => true);
  expect(matrix.naming).toEqual({ replica: { right: 1, of: 2 }, place: { right: 1, of: 2 } });
  expect(matrix.passed).toBe(false);
  expect(makeMatrix([run('FM01', {})], () => true).passed).toBe(true);
});

test('its totals count live runs, and the upstream method only where it was measured', () => {
  const table = matrixTable(makeMatrix(results, () => true)).split('\n');
  expect(table).toContain('| **runs caught** | **2 of 4** | **1 of 3** |');
  expect(table).toContain('| controls that stayed silent | N7 | |');
  expect(table).toContain('| controls that did not, or were not live | N1 | |');
});
