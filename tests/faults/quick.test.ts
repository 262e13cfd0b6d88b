/** The suite, as a child process, against a few faults of every sort. `npm run faults` runs all of them. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import type { Matrix } from '../../scripts/faults/matrix.ts';
import { toolEnvironment } from '../meta/command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('the quick subset: every live fault is caught, named and blamed, and the control stays silent', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'verifier-faults-'));
  const argv = ['--import', 'tsx', join(root, 'scripts', 'faults.ts'), '--quick', '--out', outDir];
  const { exitCode, stdout } = await execa(process.execPath, argv, {
    cwd: root,
    reject: false,
    timeout: 1_400_000,
    env: toolEnvironment(),
    extendEnv: false,
  });
  const { rows, blindSurprises } = JSON.parse(await readFile(join(outDir, 'matrix.json'), 'utf8')) as Matrix;
  const runs = rows.flatMap((row) => row.runs);
  expect(
    Object.fromEntries(runs.map((run) => [run.fault, `${run.outcome}, replica ${run.blamed}, place ${run.located}`])),
    stdout,
  ).toEqual({
    FM01: 'caught, replica right, place right',
    FM15: 'caught, replica right, place not-expected',
    FM22: 'caught, replica right, place right',
    FM50: 'caught, replica not-expected, place right',
    N7: 'silent, replica not-expected, place not-expected',
  });
  // Without one detector exactly those survive for which the catalogue says so.
  expect(blindSurprises).toEqual([]);
  expect(exitCode).toBe(0);
});
