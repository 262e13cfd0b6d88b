import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { MatrixRow } from '../../scripts/matrix/row.ts';
import { runTool } from './command.ts';

test('the matrix shows a defect and a release without V2 images side by side, with their evidence', async () => {
  const flags = ['--versions', '1.8.0,1.12.1', '--expect', 'known', '--size', '16Mi', '--reads', '2', '--image', 'raw'];
  const result = await runTool('matrix', [...flags, '--json']);
  const rows = JSON.parse(result.stdout) as MatrixRow[];
  const [defect, window] = rows;
  expect(rows.map(({ version, verdict }) => [version, verdict])).toEqual([
    ['1.8.0', 'inconsistent'],
    ['1.12.1', 'inconclusive'],
  ]);
  expect(defect?.cited).toEqual(['longhorn/longhorn#10340']);
  expect(defect?.wrongMibs).not.toEqual([]);
  expect(window?.headline).toContain('not supported since Longhorn 1.12.0');
  const page = await readFile(join(result.outDir, 'index.html'), 'utf8');
  expect(page).toContain(defect?.rebuilt[0]);
  expect(page).toContain('embedded');
  expect(result.exitCode, 'both were expected').toBe(0);
});
