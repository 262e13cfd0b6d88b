import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@playwright/test';
import { shellPod, startTestCluster } from './cluster.ts';

/** Running, i.e. neither gone nor waiting to be collected by its parent. */
function runs(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)])
      .toString()
      .startsWith('Z');
  } catch {
    return false;
  }
}

test('no process and no file of the pods is left when the cluster itself is killed', async () => {
  const owner = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'cluster-owner.ts')], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let report: { pids: number[]; directory: string } | undefined;
  for await (const line of createInterface({ input: owner.stderr })) {
    if (line.startsWith('{"pids"')) {
      report = JSON.parse(line) as typeof report;
      break;
    }
  }
  expect(report?.pids).toHaveLength(4);
  const { pids, directory } = report ?? { pids: [], directory: '' };
  expect(pids.map(runs)).toEqual([true, true, true, true]);
  owner.kill('SIGKILL');
  await expect.poll(() => pids.filter(runs), { timeout: 10_000 }).toEqual([]);
  await expect.poll(() => existsSync(join(directory, 'kubelet')), { timeout: 10_000 }).toBe(false);
  await rm(directory, { recursive: true, force: true });
});

test('stopping the cluster ends its pods at once, whatever they do', async () => {
  const cluster = await startTestCluster({ timeScale: 1 });
  cluster.createPod('stubborn', shellPod('trap "" TERM; echo $$$$ > pid; while :; do sleep 0.05; done'));
  await cluster.untilReady('stubborn');
  const { stdout } = await cluster.exec('stubborn', ['sh', '-c', 'while ! [ -s pid ]; do sleep 0.01; done; cat pid']);
  expect(runs(Number(stdout))).toBe(true);
  const started = Date.now();
  await cluster.stop();
  expect(Date.now() - started).toBeLessThan(5_000);
  expect(runs(Number(stdout))).toBe(false);
  expect(existsSync(cluster.directory)).toBe(false);
});
