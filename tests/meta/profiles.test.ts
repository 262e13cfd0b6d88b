import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { readEvents } from '../../helpers/eventlog/reader.ts';
import { runTool, verdictOf } from './command.ts';

// Small volumes, and verdicts only: what is claimed here does not depend on the size. 1.8.0 and 1.12.1 are in the matrix's
// test, 1.8.1 in that of bisect.
const small = ['--size', '32Mi', '--reads', '3', '--verdict-only'];

test('the default release is consistent for raw and qcow2', async () => {
  const result = await runTool('verify', ['--size', '64Mi', '--reads', '4']);
  expect(result.stdout).toContain('embedded');
  for (const image of ['raw', 'qcow2'] as const) {
    const verdict = await verdictOf(result, image);
    expect(verdict.causes).toEqual([]);
    expect(verdict.findings).toEqual([]);
    expect(verdict.verdict).toBe('consistent');
    const events = await readEvents(join(result.outDir, image, 'events.jsonl'));
    const deletion = events.findIndex(({ type }) => type === 'replica-deleted');
    const wrote = events.flatMap(({ type }, index) => (type === 'written' || type === 'churned' ? [index] : []));
    // A write after the rebuild might make replicas equal that the rebuild left different.
    expect(wrote.filter((index) => index > deletion)).toEqual([]);
    expect(wrote).toHaveLength(1);
  }
  expect(result.exitCode).toBe(0);
});

test('Longhorn 1.10.2 is consistent', async () => {
  const result = await runTool('verify', [...small, '--image', 'raw', '--longhorn', '1.10.2']);
  expect((await verdictOf(result, 'raw')).findings).toEqual([]);
  expect(result.exitCode).toBe(0);
});

test('Longhorn 1.9.0-rc2 is inconsistent, longhorn/longhorn#10909 is cited, and what was wrong is kept', async () => {
  const result = await runTool('verify', [...small, '--image', 'qcow2', '--longhorn', '1.9.0-rc2']);
  const verdict = await verdictOf(result, 'qcow2');
  expect(verdict.verdict).toBe('inconsistent');
  expect(result.exitCode).toBe(1);
  const cited = verdict.findings.flatMap((finding) => finding.citations.map((citation) => citation.issue));
  expect(new Set(cited)).toEqual(new Set(['longhorn/longhorn#10909']));
  expect(verdict.findings.map((finding) => finding.kind)).toEqual(expect.arrayContaining(['content', 'lvol-chain']));
  // Taken before anything is undone: the replica that was wrong is still there, as an object and on its disk.
  const directory = join(result.outDir, 'qcow2', 'evidence');
  const rebuilt = verdict.rebuild?.rebuilt.replica ?? 'none';
  const read = (file: string): Promise<string> => readFile(join(directory, file), 'utf8');
  const files = await readdir(directory);
  const lvols = await Promise.all(files.filter((file) => file.endsWith('bdev-lvol-get.json')).map(read));
  expect(await read('longhorn-replicas.yaml')).toContain(rebuilt);
  expect(lvols.join('\n')).toContain(`/${rebuilt}"`);
});

test('one disk for source and target is inconclusive on a release with #10340, with the reason', async () => {
  const result = await runTool('verify', [...small, '--image', 'raw', '--longhorn', '1.8.0', '--topology', 'one-disk']);
  const verdict = await verdictOf(result, 'raw');
  expect(verdict.verdict).toBe('inconclusive');
  expect(verdict.causes.join('\n')).toMatch(/same disk/);
  expect(result.exitCode).toBe(2);
});

test('a single replica is inconclusive: nothing can be rebuilt from it', async () => {
  const result = await runTool('verify', [...small, '--image', 'raw', '--replicas', '1']);
  expect((await verdictOf(result, 'raw')).verdict).toBe('inconclusive');
  expect(result.exitCode).toBe(2);
});

test('three replicas and one node with three disks work', async () => {
  const result = await runTool('verify', [...small, '--image', 'raw', '--replicas', '3', '--topology', 'single-node']);
  expect((await verdictOf(result, 'raw')).findings).toEqual([]);
  expect(result.exitCode).toBe(0);
});

test('reproduce exits 0 on 1.8.0 and shows the evidence', async () => {
  const result = await runTool('reproduce', [...small, '--image', 'raw', '--longhorn', '1.8.0']);
  expect(result.stdout).toContain('reproduced longhorn/longhorn#10340');
  expect(result.exitCode).toBe(0);
});
