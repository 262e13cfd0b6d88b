import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test as base } from '@playwright/test';
import { connect, type KubeClient } from '../../../helpers/kubernetes/client.ts';
import { configMaps } from '../../../helpers/kubernetes/core-kinds.ts';
import { observeHolder, readHolder, type LockTiming } from '../../../helpers/longhorn/lock/holder.ts';
import { identityOf, isVisiblyGone } from '../../../helpers/longhorn/lock/process-identity.ts';
import {
  endRun,
  takeLock,
  type Locking,
  type LockOptions,
  type RunLock,
} from '../../../helpers/longhorn/lock/run-lock.ts';
import { sweep } from '../../../helpers/longhorn/sweep.ts';
import { startCluster } from '../apiserver/client.ts';

const longhornNamespace = 'longhorn-system';
/** Long enough that a stalled test process does not look dead to itself. */
const timing: LockTiming = { termMs: 2_000, renewEveryMs: 100, lookEveryMs: 25 };

interface Taking {
  readonly runId: string;
  readonly member?: string;
  readonly waitMs?: number;
  readonly renewEveryMs?: number;
  readonly span?: 'part' | 'whole run';
  readonly processes?: LockOptions['processes'];
}

interface Fixtures {
  readonly client: KubeClient;
  readonly said: string[];
  readonly take: (taking: Taking) => Promise<Locking>;
}

const test = base.extend<Fixtures>({
  client: async ({}, use, testInfo) => {
    const cluster = await startCluster();
    cluster.store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: longhornNamespace } });
    const kubeconfigPath = testInfo.outputPath('kubeconfig');
    writeFileSync(kubeconfigPath, cluster.server.kubeconfig);
    const abort = new AbortController();
    await use(connect({ kubeconfigPath, context: 'embedded', signal: abort.signal }));
    abort.abort(new Error('the test has ended'));
    await cluster.close();
  },
  said: async ({}, use) => {
    await use([]);
  },
  take: async ({ client, said }, use) => {
    const held: RunLock[] = [];
    await use(
      async ({ runId, member = 'raw', waitMs = 0, renewEveryMs = timing.renewEveryMs, span = 'part', processes }) => {
        const say = (message: string): void => {
          said.push(message);
        };
        const options = {
          client,
          renewingClient: client,
          longhornNamespace,
          runId,
          member,
          waitMs,
          span,
          ...(processes ? { processes } : {}),
        };
        const locking = await takeLock({ ...options, timing: { ...timing, renewEveryMs }, onWait: say, onLost: say });
        if (locking.state === 'held') held.push(locking.lock);
        return locking;
      },
    );
    for (const lock of held) await lock.release(client);
  },
});

function lockOf(locking: Locking): RunLock {
  if (locking.state !== 'held') throw new Error(`held by ${locking.holder.runId}`);
  return locking.lock;
}

const never = 3_600_000;

test('a lock is taken, renewed and released, and nothing is left of it', async ({ client, take }) => {
  const lock = lockOf(await take({ runId: 'first' }));
  expect(await observeHolder(client, longhornNamespace, timing)).toMatchObject({ runId: 'first', state: 'alive' });
  await lock.release(client);
  expect(await readHolder(client, longhornNamespace)).toBeUndefined();
});

test('a second run waits, says for whom, and in the end names the holder', async ({ take, said }) => {
  await take({ runId: 'first' });
  const second = await take({ runId: 'second', waitMs: 300 });
  expect(second).toMatchObject({ state: 'held by another', holder: { runId: 'first' } });
  expect(said).toEqual([expect.stringMatching(/^waiting for run first on \S+, which holds the cluster/)]);
});

test('a second run goes on as soon as the first has released', async ({ client, take }) => {
  const first = lockOf(await take({ runId: 'first' }));
  const second = take({ runId: 'second', waitMs: 60_000 });
  await first.release(client);
  expect((await second).state).toBe('held');
  expect(await readHolder(client, longhornNamespace)).toMatchObject({ runId: 'second' });
});

test('a killed run is taken over after a term, and who wakes up late neither renews nor releases it', async ({
  client,
  take,
  said,
}) => {
  const killed = lockOf(await take({ runId: 'killed', renewEveryMs: never }));
  const next = lockOf(await take({ runId: 'next', waitMs: 60_000 }));
  expect(said).toContainEqual(
    expect.stringMatching(/run killed on \S+ has not renewed its lock since .*: taking over/),
  );
  expect(next.uid).not.toBe(killed.uid);
  await killed.release(client);
  expect(await readHolder(client, longhornNamespace)).toMatchObject({ runId: 'next' });
});

test('a run that lost its lock is told who has it now', async ({ client, take, said }) => {
  const slow = lockOf(await take({ runId: 'slow', renewEveryMs: 2_500 }));
  await take({ runId: 'quick', waitMs: 60_000 });
  await expect.poll(() => said.join('\n')).toMatch(/is lost: run quick on \S+ holds it now/);
  await slow.release(client);
});

test('parts of one run share its lock, which is free when the last of them leaves', async ({ client, take }) => {
  const raw = lockOf(await take({ runId: 'run', member: 'raw' }));
  const qcow2 = lockOf(await take({ runId: 'run', member: 'qcow2' }));
  expect(qcow2.uid).toBe(raw.uid);
  await raw.release(client);
  expect(await readHolder(client, longhornNamespace)).toMatchObject({ runId: 'run' });
  await qcow2.release(client);
  expect(await readHolder(client, longhornNamespace)).toBeUndefined();
});

test('between two stories of a run no other gets in, until the run ends', async ({ client, take }) => {
  const place = { longhornNamespace, runId: 'run' };
  const first = lockOf(await take({ runId: 'run', member: 'raw', span: 'whole run' }));
  await first.release(client);
  expect(await take({ runId: 'other' })).toMatchObject({ state: 'held by another', holder: { runId: 'run' } });
  await endRun(client, { ...place, runId: 'other' });
  const second = lockOf(await take({ runId: 'run', member: 'qcow2', span: 'whole run' }));
  expect(second.uid).toBe(first.uid);
  await second.release(client);
  await endRun(client, place);
  expect(await take({ runId: 'other' })).toMatchObject({ state: 'held' });
});

test('a dry run tells at once who is at work, and what would go', async ({ client, take }) => {
  await take({ runId: 'working' });
  const names = { name: 'of-dead', namespace: longhornNamespace };
  await client.createOwned(configMaps, 'dead', { metadata: names });
  const lines: string[] = [];
  const options = { client, runId: undefined, longhornNamespace, timeoutMs: 10_000 } as const;
  await sweep({ ...options, mode: 'dry-run', onLine: ({ what, outcome }) => lines.push(`${outcome} ${what}`) });
  expect(lines).toEqual([
    expect.stringMatching(/^running run working on/),
    expect.stringMatching(/^would delete .*of-dead/),
  ]);
});

test('a sweep leaves alone what the run at work owns, and removes what dead runs left', async ({ client, take }) => {
  await take({ runId: 'working' });
  const leave = (runId: string) =>
    client.createOwned(configMaps, runId, { metadata: { name: `of-${runId}`, namespace: longhornNamespace } });
  await leave('working');
  await leave('dead');
  const lines: string[] = [];
  const failures = await sweep({
    ...{ client, runId: undefined, longhornNamespace, mode: 'sweep', timeoutMs: 10_000, lockTiming: timing },
    onLine: ({ what, outcome }) => lines.push(`${outcome} ${what}`),
  });
  expect(failures).toEqual([]);
  const { items } = await client.list(configMaps, {
    namespace: longhornNamespace,
    labelSelector: 'v2-verifier/run-id',
  });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['of-working']);
  expect(await readHolder(client, longhornNamespace)).toMatchObject({ runId: 'working' });
  expect(lines).toContainEqual(expect.stringMatching(/^running run working/));
});

test('the lock of a killed run goes with the sweep', async ({ client, take }) => {
  await take({ runId: 'killed', renewEveryMs: never });
  const options = { client, runId: undefined, longhornNamespace, timeoutMs: 10_000, lockTiming: timing } as const;
  expect(await sweep({ ...options, mode: 'sweep', onLine: () => undefined })).toEqual([]);
  expect(await readHolder(client, longhornNamespace)).toBeUndefined();
});

/** The number of a process that has ended, and one that lives until the callback is over. */
async function withProcesses(use: (pids: { gone: number; living: number }) => Promise<void>): Promise<void> {
  const start = (): ChildProcess =>
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600_000)'], { stdio: 'ignore' });
  const [gone, living] = [start(), start()];
  try {
    await use({ gone: gone.pid ?? 0, living: living.pid ?? 0 });
  } finally {
    for (const child of [gone, living]) child.kill('SIGKILL');
  }
}

async function end(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  const identity = identityOf(pid) ?? '';
  await expect.poll(() => identity === '' || isVisiblyGone(identity)).toBe(true);
}

test('a process is gone once it has ended, or its number has another; never one that is not of this machine', async () => {
  await withProcesses(async ({ gone, living }) => {
    const [first = '', second = ''] = [gone, living].map(identityOf);
    expect([first, second].map(isVisiblyGone)).toEqual([false, false]);
    await end(gone);
    expect([first, second].map(isVisiblyGone)).toEqual([true, false]);
    expect(isVisiblyGone(second.replace(/\d+$/, '1')), 'the number was given again').toBe(true);
    expect(isVisiblyGone(first.replace(/^[^/]+/, 'another boot'))).toBe(false);
    expect(isVisiblyGone(first.replace(/pid:\[\d+\]/, 'pid:[1]'))).toBe(false);
    expect(isVisiblyGone('')).toBe(false);
  });
});

test('a run whose processes are gone is swept, and taken over, without waiting out its term', async ({
  client,
  take,
  said,
}) => {
  await withProcesses(async ({ gone, living }) => {
    const patient = { ...timing, termMs: never };
    await take({ runId: 'killed', renewEveryMs: never, processes: { part: gone, wholeRun: living } });
    expect(await take({ runId: 'early' })).toMatchObject({
      state: 'held by another',
      holder: { processes: 'unknown' },
    });
    await end(gone);
    const options = { client, runId: undefined, longhornNamespace, timeoutMs: 10_000, lockTiming: patient } as const;
    expect(await sweep({ ...options, mode: 'sweep', onLine: () => undefined })).toEqual([]);
    expect(await readHolder(client, longhornNamespace)).toBeUndefined();

    await take({ runId: 'again', renewEveryMs: never, processes: { part: living, wholeRun: living } });
    await end(living);
    expect((await take({ runId: 'next', waitMs: 60_000 })).state).toBe('held');
    expect(said).toContainEqual(
      expect.stringMatching(/run again on \S+ holds the lock and has no process left: taking/),
    );
  });
});

test('between two stories a run lives on with the process that tells them', async ({ client, take }) => {
  await withProcesses(async ({ gone, living }) => {
    const processes = { part: gone, wholeRun: living };
    const first = await take({ runId: 'run', member: 'raw', span: 'whole run', renewEveryMs: never, processes });
    await end(gone);
    expect(await readHolder(client, longhornNamespace)).toMatchObject({ runId: 'run', processes: 'unknown' });
    await lockOf(first).release(client);
    expect(await readHolder(client, longhornNamespace)).toMatchObject({ runId: 'run', processes: 'unknown' });
    await end(living);
    expect(await readHolder(client, longhornNamespace)).toMatchObject({ processes: 'gone' });
    expect(await take({ runId: 'other' })).toMatchObject({ state: 'held' });
  });
});
