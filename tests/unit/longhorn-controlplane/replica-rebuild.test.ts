import { expect, test } from '@playwright/test';
import type { Payload } from '../../../embedded/apiserver/store.ts';
import { eventsAbout, healthyVolume, refusal, startBench, valuesOf } from './longhorn-bench.ts';
import type { Bench } from './longhorn-bench.ts';

let bench: Bench;

test.beforeEach(async () => {
  bench = await startBench();
});

test.afterEach(async () => {
  await bench.close();
});

const robustness = (): string => bench.expectObject('volumes', 'vol1').status.robustness as string;
const modes = (): Record<string, string> => bench.expectObject('engines', 'vol1-e-0').status.replicaModeMap as Record<string, string>;
const replicaNames = (): string[] => bench.list('replicas').map((replica) => replica.metadata.name);

/** Deletes one of the two replicas and returns the names: the deleted one, the one that stays. */
function deleteOne(): { gone: string; stays: string } {
  const [gone = '', stays = ''] = replicaNames();
  bench.remove('replicas', gone);
  return { gone, stays };
}

async function rebuilt(replicas: { gone: string; stays: string }): Promise<string> {
  return bench.until('rebuilt and healthy', () => {
    const fresh = replicaNames().find((name) => name !== replicas.stays && name !== replicas.gone);
    return robustness() === 'healthy' && fresh !== undefined && modes()[fresh] === 'RW' ? fresh : undefined;
  });
}

test('right after a deletion the volume still claims to be healthy and the replica is still listed', async () => {
  await healthyVolume(bench, 'vol1');
  const { gone } = deleteOne();
  expect(robustness()).toBe('healthy');
  expect(modes()[gone]).toBe('RW');
  expect(replicaNames()).toContain(gone);
  expect(bench.expectObject('replicas', gone).metadata.deletionTimestamp).toBeDefined();
  expect(bench.expectObject('engines', 'vol1-e-0').status.rebuildStatus).toEqual({});
});

test('a rebuild runs through the steps of the real controllers in their order', async () => {
  await healthyVolume(bench, 'vol1');
  const from = bench.history.length;
  const replicas = deleteOne();
  const { gone } = replicas;
  const fresh = await rebuilt(replicas);
  await bench.until('announced', () => eventsAbout(bench, 'Engine', 'vol1-e-0').some((event) => event.includes('for volume vol1') && event.startsWith('Rebuilt')));

  const steps: string[] = [];
  for (const { resource, type, object, previous } of bench.history.slice(from)) {
    const now: Payload = object;
    const old: Payload = previous;
    const name = object.metadata.name;
    if (resource === 'replicas.longhorn.io') {
      if (name === gone && type === 'DELETED') steps.push('old replica gone');
      if (name === fresh && type === 'ADDED') steps.push('new replica');
      if (name === fresh && now.spec.nodeID !== old?.spec.nodeID && now.spec.nodeID !== '') steps.push('placed');
      if (name === fresh && now.status?.currentState === 'running' && old?.status?.currentState !== 'running') steps.push('new replica running');
      if (name === fresh && now.spec.healthyAt !== '' && old?.spec.healthyAt === '') steps.push('new replica has healthyAt');
    }
    if (resource === 'engines.longhorn.io') {
      const mode = (modeMap: Payload): string => modeMap?.status?.replicaModeMap?.[fresh] ?? '';
      const unknown = (modeMap: Payload): boolean => Object.keys(modeMap?.status?.replicaModeMap ?? {}).some((key) => key.startsWith('UNKNOWN-tcp://'));
      if (unknown(now) && !unknown(old)) steps.push('unknown address in the mode map');
      if (!unknown(now) && unknown(old)) steps.push('mode map clean');
      if (now.spec.replicaAddressMap[fresh] !== undefined && old?.spec.replicaAddressMap[fresh] === undefined) steps.push('engine told of the new replica');
      if (mode(now) !== mode(old)) steps.push(`new replica ${mode(now)}`);
    }
    if (resource === 'volumes.longhorn.io' && now.status?.robustness !== old?.status?.robustness) steps.push(now.status.robustness as string);
    if (resource === 'snapshots.longhorn.io' && type === 'ADDED') steps.push('rebuild snapshot record');
  }
  expect(steps.filter((step) => step !== 'rebuild snapshot record')).toEqual([
    'old replica gone',
    'degraded',
    'unknown address in the mode map',
    'mode map clean',
    'new replica',
    'placed',
    'new replica running',
    'engine told of the new replica',
    'new replica WO',
    'new replica RW',
    'new replica has healthyAt',
    'healthy',
  ]);
  expect(steps.indexOf('rebuild snapshot record')).toBeGreaterThan(steps.indexOf('new replica WO'));
});

test('the new replica is marked as rebuilding until it is healthy', async () => {
  await healthyVolume(bench, 'vol1');
  const replicas = deleteOne();
  const fresh = await rebuilt(replicas);
  expect(valuesOf(bench, 'replicas', fresh, (replica) => replica.spec.rebuildRetryCount)).toEqual([5, 0]);
  expect(bench.expectObject('volumes', 'vol1').status.lastDegradedAt).toBe('');
});

test('events tell the rebuild as the real controllers word it', async () => {
  await healthyVolume(bench, 'vol1');
  const replicas = deleteOne();
  const { gone } = replicas;
  const oldAddress = bench.expectObject('engines', 'vol1-e-0').spec.replicaAddressMap[gone] as string;
  const fresh = await rebuilt(replicas);
  const address = bench.expectObject('engines', 'vol1-e-0').spec.replicaAddressMap[fresh] as string;
  const last = `Rebuilt: Replica ${fresh} with Address ${address} has been rebuilt for volume vol1`;
  await bench.until('last event', () => eventsAbout(bench, 'Engine', 'vol1-e-0').includes(last));
  const told = eventsAbout(bench, 'Engine', 'vol1-e-0').filter((event) => !event.startsWith('Start') && !event.startsWith('Faulted'));
  const mode = /in mode (\w+)/.exec(told[0] ?? '')?.[1] ?? '';
  expect(told).toEqual([
    `Delete: Removing unknown replica tcp://${oldAddress} in mode ${mode} from engine`,
    `Delete: Removed unknown replica tcp://${oldAddress} in mode ${mode} from engine`,
    `Rebuilding: Start rebuilding replica ${fresh} with Address ${address} for normal engine vol1-e-0 and volume vol1`,
    `Rebuilding: Detected rebuilding replica ${fresh} (${address})`,
    `Rebuilt: Detected replica ${fresh} (${address}) has been rebuilt`,
    last,
  ]);
  expect(eventsAbout(bench, 'Volume', 'vol1').slice(-2)).toEqual([
    'Degraded: volume vol1 became degraded',
    'Healthy: volume vol1 became healthy',
  ]);
});

test('purges frame the rebuild: one before ReplicaAdd, one after the volume is healthy', async () => {
  await healthyVolume(bench, 'vol1');
  const from = bench.dataPlane.calls.length;
  const replicas = deleteOne();
  await rebuilt(replicas);
  const calls = (): string[] => bench.dataPlane.calls.slice(from).map((call) => call.split(' ')[0] ?? '');
  expect(calls().filter((call) => call === 'engineSnapshotPurge')).toHaveLength(1);
  await bench.until('second purge', () => calls().filter((call) => call === 'engineSnapshotPurge').length === 2);
  expect(calls()).toEqual(['replicaWipe', 'engineReplicaDelete', 'replicaCreate', 'engineSnapshotPurge', 'engineReplicaAdd', 'engineSnapshotPurge']);
});

test('a limit of 0 keeps the volume degraded, and raising it replenishes at once', async () => {
  await healthyVolume(bench, 'vol1');
  bench.change('settings', 'concurrent-replica-rebuild-per-node-limit', (draft) => {
    draft.value = '0';
  });
  const replicas = deleteOne();
  const { gone, stays } = replicas;
  await bench.until('only the other one answers', () => {
    const map = modes();
    return robustness() === 'degraded' && bench.object('replicas', gone) === undefined && Object.keys(map).join() === stays && map[stays] === 'RW';
  });
  expect(replicaNames()).toEqual([stays]);
  bench.change('settings', 'concurrent-replica-rebuild-per-node-limit', (draft) => {
    draft.value = '5';
  });
  await rebuilt(replicas);
});

test('the second replica may be deleted only when the rebuilt one is healthy', async () => {
  await healthyVolume(bench, 'vol1');
  const replicas = deleteOne();
  const { stays } = replicas;
  const early = refusal(() => {
    bench.remove('replicas', stays);
  });
  expect(early.code).toBe(422);
  const fresh = await rebuilt(replicas);
  bench.remove('replicas', stays);
  await bench.until('second rebuild', () => {
    const third = replicaNames().find((name) => name !== stays && name !== fresh);
    return third !== undefined && modes()[third] === 'RW' && robustness() === 'healthy';
  });
});

test('a rebuild that fails is announced, its replica replaced', async () => {
  await healthyVolume(bench, 'vol1');
  bench.dataPlane.faults.failingRebuilds = 1;
  const replicas = deleteOne();
  const fresh = await rebuilt(replicas);
  const failed = valuesOf(bench, 'replicas', fresh, (replica) => replica.spec.failedAt);
  expect(failed).toEqual(['']);
  const told = eventsAbout(bench, 'Engine', 'vol1-e-0').find((event) => event.startsWith('FailedRebuilding'));
  expect(told).toMatch(/Failed rebuilding replica with Address .*: failed to wait for v2 replica vol1-r-\w+ rebuild, rebuilding state error, error: shallow copy broke/);
  const broken = bench.history.find((event) => event.resource === 'replicas.longhorn.io' && (event.object.spec.failedAt as string) !== '')?.object;
  const conditions = (bench.history.filter((event) => event.object.metadata.name === broken?.metadata.name).at(-1)?.object.status as Payload).conditions as Payload[];
  expect(conditions.find((condition) => condition.type === 'RebuildFailed')).toMatchObject({ status: 'True', reason: 'General' });
});

test('a user snapshot becomes ready, and a deleted record deletes it', async () => {
  await healthyVolume(bench, 'vol1');
  bench.create('Snapshot', 'snapshots', 'snap1', { spec: { volume: 'vol1', createSnapshot: true } });
  const snapshot: Payload = await bench.until('ready', () => {
    const current: Payload = bench.object('snapshots', 'snap1');
    return current.status?.readyToUse === true && current;
  });
  expect(snapshot.status).toMatchObject({ userCreated: true, children: { 'volume-head': true }, restoreSize: 64 * 2 ** 20 });
  bench.remove('snapshots', 'snap1');
  await bench.until('gone', () => bench.object('snapshots', 'snap1') === undefined);
  expect(bench.dataPlane.calls).toContain('engineSnapshotDelete node1 snap1');
});

test('with 1.10 the rebuild names one source address, from 1.11 a list', async () => {
  await healthyVolume(bench, 'vol1');
  const replicas = deleteOne();
  const { stays } = replicas;
  const status = await bench.until('rebuilding', () => Object.values(bench.expectObject('engines', 'vol1-e-0').status.rebuildStatus as object)[0] as Payload);
  const source = `tcp://${bench.expectObject('engines', 'vol1-e-0').spec.replicaAddressMap[stays] as string}`;
  expect(status).toMatchObject({ fromReplicaAddress: '', fromReplicaAddressList: [source], state: 'in_progress', isRebuilding: true });
  await rebuilt(replicas);

  const older = await startBench({ version: '1.10.2' });
  try {
    await healthyVolume(older, 'vol1');
    older.remove('replicas', older.list('replicas')[0]?.metadata.name ?? '');
    const before = await older.until('rebuilding', () => Object.values(older.expectObject('engines', 'vol1-e-0').status.rebuildStatus as object)[0] as Payload);
    expect(before.fromReplicaAddress).toMatch(/^tcp:\/\//);
    expect(before.fromReplicaAddressList).toBeUndefined();
  } finally {
    await older.close();
  }
});
