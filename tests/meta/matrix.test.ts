import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { MatrixRow } from '../../scripts/matrix/row.ts';
import { startEmbeddedProcess } from '../../scripts/verify/embedded-process.ts';
import { runTool } from './command.ts';

test('the matrix shows a defect and a release without V2 images side by side, with their evidence, and grows by a cluster', async () => {
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

  // A cluster of its own for a further release, as one would be installed; its row joins the others.
  const cluster = await startEmbeddedProcess({ flags: ['--longhorn', '1.12.1'], outlive: false });
  try {
    const target = ['--context', cluster.context, '--kubeconfig', cluster.kubeconfig];
    const more = ['--versions', '1.13.0', ...target, '--out', result.outDir, '--append', '--size', '16Mi', '--json'];
    const grown = await runTool('matrix', more);
    const all = JSON.parse(grown.stdout) as MatrixRow[];
    expect(all.map(({ version, verdict }) => [version, verdict])).toEqual([
      ['1.8.0', 'inconsistent'],
      ['1.12.1', 'inconclusive'],
      ['1.13.0', 'inconclusive'],
    ]);
    expect(all[0]).toEqual(defect);
    expect(all[2]?.headline, 'the running images decide what ran').toBe('1.13.0 was asked for, but 1.12.1 runs there');
  } finally {
    await cluster.stop();
  }
});
