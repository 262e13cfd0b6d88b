import { writeFileSync } from 'node:fs';
import { expect, test as base } from '@playwright/test';
import { connect, type KubeClient } from '../../../helpers/kubernetes/client.ts';
import { configMaps } from '../../../helpers/kubernetes/core-kinds.ts';
import { observeHolder, readHolder, type LockTiming } from '../../../helpers/longhorn/lock/holder.ts';
import { endRun, takeLock, type Locking, type RunLock } from '../../../helpers/longhorn/lock/run-lock.ts';
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
    await use(async ({ runId, member = 'raw', waitMs = 0, renewEveryMs = timing.renewEveryMs, span = 'part' }) => {
      const say = (message: string): void => {
        said.push(message);
      };
      const options = { client, renewingClient: client, longhornNamespace, runId, member, waitMs, span };
      const locking = await takeLock({ ...options, timing: { ...timing, renewEveryMs }, onWait: say, onLost: say });
      if (locking.state === 'held') held.push(locking.lock);
      return locking;
    });
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
