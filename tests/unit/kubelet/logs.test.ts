import { expect, test } from '@playwright/test';
import { shellPod, startTestCluster, type TestCluster } from './cluster.ts';

let cluster: TestCluster;
test.beforeEach(async () => {
  cluster = await startTestCluster();
});
test.afterEach(async () => {
  await cluster.stop();
});

test('the log holds both streams in order; tail, limit and timestamps cut and mark it', async () => {
  cluster.createPod('log', { ...shellPod('echo one; echo two >&2; echo three; printf open'), restartPolicy: 'Never' });
  await cluster.untilPhase('log', 'Succeeded');
  const all = await cluster.logs('log');
  // Two pipes have no order between them; each keeps its own.
  expect(all.match(/one|two|three|open/g)?.sort()).toEqual(['one', 'open', 'three', 'two']);
  expect(await cluster.logs('log', { tailLines: 1 })).toMatch(/^(open|two\n)$/);
  expect(await cluster.logs('log', { tailLines: 0 })).toBe('');
  expect(await cluster.logs('log', { limitBytes: 2 })).toBe(all.slice(0, 2));
  expect(await cluster.logs('log', { timestamps: true, tailLines: 100 })).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z \w+\n/,
  );
});

test('following a log ends when the container ends, and shows what came meanwhile', async () => {
  cluster.createPod('talks', {
    ...shellPod('echo first; while [ ! -e go ]; do sleep 0.02; done; echo last'),
    restartPolicy: 'Never',
  });
  await cluster.untilReady('talks');
  const followed = cluster.logs('talks', { follow: true });
  await cluster.exec('talks', ['touch', 'go']);
  expect(await followed).toBe('first\nlast\n');
});

test('the log of the run before is kept', async () => {
  cluster.createPod(
    'again',
    shellPod(
      'echo run-$(cat count 2>/dev/null | wc -l); echo x >> count; [ $(cat count | wc -l) -lt 2 ] && exit 1; sleep 1000',
    ),
  );
  await cluster.until('the second run', () => {
    const [status] = cluster.pod('again')?.status?.containerStatuses ?? [];
    return status?.restartCount === 1 && status.state.running !== undefined ? true : undefined;
  });
  expect(await cluster.logs('again', { previous: true })).toBe('run-0\n');
});

test('a log that does not exist yet or no more is refused as kubelet does', async () => {
  cluster.createPod('idle', { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] });
  await cluster.untilReady('idle');
  await expect(cluster.logs('idle', { previous: true })).rejects.toMatchObject({
    code: 400,
    message: 'previous terminated container "main" in pod "idle" not found',
  });
  cluster.createPod('missing', { ...shellPod('true'), volumes: [{ name: 'v', configMap: { name: 'none' } }] });
  await cluster.until('FailedMount', () => cluster.events('missing').find(({ reason }) => reason === 'FailedMount'));
  await expect(cluster.logs('missing')).rejects.toMatchObject({
    code: 400,
    message: 'container "main" in pod "missing" is waiting to start: ContainerCreating',
  });
});

test('the tail of a long log is read from its end, long lines in parts', async () => {
  const script =
    'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; head -c 50000 /dev/zero | tr "\\0" a; echo';
  cluster.createPod('long', { ...shellPod(script), restartPolicy: 'Never' });
  await cluster.untilPhase('long', 'Succeeded');
  const all = await cluster.logs('long');
  expect(all).toHaveLength(Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('').length + 50_001);
  expect(all.endsWith(`line 19999\n${'a'.repeat(50_000)}\n`)).toBe(true);
  // 50000 bytes are four records of at most 16 KiB.
  expect(await cluster.logs('long', { tailLines: 5 })).toBe(`line 19999\n${'a'.repeat(50_000)}\n`);
});
