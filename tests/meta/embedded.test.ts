import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import { startEmbeddedProcess } from '../../scripts/verify/embedded-process.ts';

/** Processes of this machine whose command line names the directory. */
async function processesOf(directory: string): Promise<string[]> {
  const { stdout } = await execa('ps', ['-eo', 'args']);
  return stdout.split('\n').filter((line) => line.includes(directory));
}

test('an embedded cluster that is stopped leaves no file and no process', async () => {
  const cluster = await startEmbeddedProcess({ flags: [], outlive: false });
  const directory = dirname(cluster.kubeconfig);
  expect(existsSync(directory)).toBe(true);
  await cluster.stop();
  expect(existsSync(directory)).toBe(false);
  expect(await processesOf(directory)).toEqual([]);
});

test('several embedded clusters run side by side, each with its own objects', async () => {
  const clusters = await Promise.all([1, 2, 3, 4].map(() => startEmbeddedProcess({ flags: [], outlive: false })));
  expect(new Set(clusters.map((cluster) => cluster.url)).size).toBe(clusters.length);
  await Promise.all(clusters.map((cluster) => cluster.stop()));
  expect(clusters.map((cluster) => existsSync(dirname(cluster.kubeconfig)))).toEqual([false, false, false, false]);
});

test('what a killed embedded cluster left behind is removed when the next one starts', async () => {
  const killed = await startEmbeddedProcess({ flags: [], outlive: false });
  process.kill(killed.pid, 'SIGKILL');
  await killed.stop();
  expect(existsSync(dirname(killed.kubeconfig))).toBe(true);
  const next = await startEmbeddedProcess({ flags: [], outlive: false });
  expect(existsSync(dirname(killed.kubeconfig))).toBe(false);
  await next.stop();
});
