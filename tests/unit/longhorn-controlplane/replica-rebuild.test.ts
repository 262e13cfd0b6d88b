import { expect, test } from '@playwright/test';
import type { StoreEvent } from '../../../embedded/apiserver/store.ts';
import type { Engine } from '../../../embedded/controlplane/longhorn/model/engine.ts';
import { conditionOf } from '../../../embedded/controlplane/longhorn/model/condition.ts';
import { changeOf, changesOf, eventsAbout, valuesOf } from './bench-history.ts';
import { healthyVolume } from './bench-objects.ts';
import { type Bench, startBench } from './longhorn-bench.ts';
import { refusal } from './refusal.ts';

let bench: Bench;

test.beforeEach(async () => {
  bench = await startBench();
});

test.afterEach(async () => {
  await bench.close();
});

interface Pair {
  gone: string;
  stays: string;
}

const robustness = (): string => bench.expectObject('volumes', 'vol1').status.robustness;
const engine = (): ReturnType<typeof bench.expectObject<'engines'>> => bench.expectObject('engines', 'vol1-e-0');
const modes = (): Record<string, string> => engine().status.replicaModeMap ?? {};
const replicaNames = (): string[] => bench.list('replicas').map((replica) => replica.metadata.name);

/** Deletes one of the two replicas and returns the names: the deleted one, the one that stays. */
function deleteOne(): Pair {
  const [gone = '', stays = ''] = replicaNames();
  bench.remove('replicas', gone);
  return { gone, stays };
}

function rebuilt(pair: Pair): Promise<string> {
  return bench.until('rebuilt and healthy', () => {
    const fresh = replicaNames().find((name) => name !== pair.stays && name !== pair.gone);
    return robustness() === 'healthy' && fresh !== undefined && modes()[fresh] === 'RW' ? fresh : undefined;
  });
}

function limitRebuilds(value: string): void {
  bench.change('settings', 'concurrent-replica-rebuild-per-node-limit', (draft) => {
    draft.value = value;
  });
}

test('right after a deletion the volume still claims to be healthy and the replica is still listed', async () => {
  await healthyVolume(bench, 'vol1');
  const { gone } = deleteOne();
  expect(robustness()).toBe('healthy');
  expect(modes()[gone]).toBe('RW');
  expect(replicaNames()).toContain(gone);
  expect(bench.expectObject('replicas', gone).metadata.deletionTimestamp).toBeDefined();
  expect(engine().status.rebuildStatus).toEqual({});
});

/** What one store event says about the rebuild of `fresh` in place of `gone`, in words. */
function stepsOf(event: StoreEvent, gone: string, fresh: string): string[] {
  const steps: string[] = [];
  const replica = changeOf(event, 'replicas');
  if (replica?.name === gone && replica.type === 'DELETED') steps.push('old replica gone');
  if (replica?.name === fresh) {
    const { now, old } = replica;
    if (old === undefined) steps.push('new replica');
    else if (old.spec.nodeID === '' && now.spec.nodeID !== '') steps.push('placed');
    else if (old.spec.healthyAt === '' && now.spec.healthyAt !== '') steps.push('new replica has healthyAt');
    const runs = now.status?.currentState === 'running' && old?.status?.currentState !== 'running';
    if (runs) steps.push('new replica running');
  }
  const change = changeOf(event, 'engines');
  if (change !== undefined) {
    const mode = (object: Engine | undefined): string => object?.status?.replicaModeMap?.[fresh] ?? '';
    const hasUnknown = (object: Engine | undefined): boolean =>
      Object.keys(object?.status?.replicaModeMap ?? {}).some((key) => key.startsWith('UNKNOWN-tcp://'));
    if (hasUnknown(change.now) && !hasUnknown(change.old)) steps.push('unknown address in the mode map');
    if (!hasUnknown(change.now) && hasUnknown(change.old)) steps.push('mode map clean');
    const isToldNow = change.now.spec.replicaAddressMap[fresh] !== undefined;
    if (isToldNow && change.old?.spec.replicaAddressMap[fresh] === undefined)
      steps.push('engine told of the new replica');
    if (mode(change.now) !== mode(change.old)) steps.push(`new replica ${mode(change.now)}`);
  }
  const volume = changeOf(event, 'volumes');
  if (volume !== undefined && volume.now.status?.robustness !== volume.old?.status?.robustness) {
    steps.push(volume.now.status?.robustness ?? '');
  }
  if (changeOf(event, 'snapshots')?.type === 'ADDED') steps.push('rebuild snapshot record');
  return steps;
}

test('a rebuild runs through the steps of the real controllers in their order', async () => {
  await healthyVolume(bench, 'vol1');
  const from = bench.history.length;
  const pair = deleteOne();
  const fresh = await rebuilt(pair);
  const steps = bench.history.slice(from).flatMap((event) => stepsOf(event, pair.gone, fresh));
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
  const fresh = await rebuilt(deleteOne());
  expect(valuesOf(bench, 'replicas', fresh, (replica) => replica.spec.rebuildRetryCount)).toEqual([5, 0]);
  expect(bench.expectObject('volumes', 'vol1').status.lastDegradedAt).toBe('');
});

test('events tell the rebuild as the real controllers word it', async () => {
  await healthyVolume(bench, 'vol1');
  const pair = deleteOne();
  const oldAddress = engine().spec.replicaAddressMap[pair.gone] ?? '';
  const fresh = await rebuilt(pair);
  const address = engine().spec.replicaAddressMap[fresh] ?? '';
  const last = `Rebuilt: Replica ${fresh} with Address ${address} has been rebuilt for volume vol1`;
  await bench.until('last event', () => eventsAbout(bench, 'Engine', 'vol1-e-0').includes(last));
  const told = eventsAbout(bench, 'Engine', 'vol1-e-0').filter((event) => !/^(Start|Faulted):/.test(event));
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
  const robustnessAtPurge: string[] = [];
  const stop = bench.dataPlane.onCall(() => {
    if (bench.dataPlane.calls.at(-1)?.startsWith('engineSnapshotPurge') === true) robustnessAtPurge.push(robustness());
  });
  await rebuilt(deleteOne());
  await bench.until('second purge', () => robustnessAtPurge.length === 2);
  stop();
  expect(robustnessAtPurge).toEqual(['degraded', 'healthy']);
  expect(bench.dataPlane.calls.slice(from).map((call) => call.split(' ')[0])).toEqual([
    'replicaWipe',
    'engineReplicaDelete',
    'replicaCreate',
    'engineSnapshotPurge',
    'engineReplicaAdd',
    'engineSnapshotPurge',
  ]);
});

test('a limit of 0 keeps the volume degraded, and raising it replenishes at once', async () => {
  await healthyVolume(bench, 'vol1');
  limitRebuilds('0');
  const pair = deleteOne();
  await bench.until('only the other one answers', () => {
    const answering = Object.keys(modes());
    const goneForGood = bench.object('replicas', pair.gone) === undefined;
    return robustness() === 'degraded' && goneForGood && answering.join() === pair.stays;
  });
  expect(replicaNames()).toEqual([pair.stays]);
  limitRebuilds('5');
  await rebuilt(pair);
});

test('the second replica may be deleted only when the rebuilt one is healthy', async () => {
  await healthyVolume(bench, 'vol1');
  const pair = deleteOne();
  const early = refusal(() => {
    bench.remove('replicas', pair.stays);
  });
  expect(early.code).toBe(422);
  const fresh = await rebuilt(pair);
  bench.remove('replicas', pair.stays);
  await bench.until('second rebuild', () => {
    const third = replicaNames().find((name) => name !== pair.stays && name !== fresh);
    return third !== undefined && modes()[third] === 'RW' && robustness() === 'healthy';
  });
});

test('a rebuild that fails is announced, its replica replaced', async () => {
  await healthyVolume(bench, 'vol1');
  bench.dataPlane.faults.failingRebuilds = 1;
  const fresh = await rebuilt(deleteOne());
  expect(valuesOf(bench, 'replicas', fresh, (replica) => replica.spec.healthyAt !== '')).toEqual([false, true]);
  const told = eventsAbout(bench, 'Engine', 'vol1-e-0').find((event) => event.startsWith('FailedRebuilding'));
  expect(told).toMatch(
    /Failed rebuilding replica with Address .*: failed to wait for v2 replica vol1-r-\w+ rebuild, rebuilding state error, error: shallow copy broke/,
  );
  const broken = changesOf(bench, 'replicas').findLast((change) => change.now.spec.failedAt !== '');
  expect(broken?.name).not.toBe(fresh);
  expect(conditionOf(broken?.now.status?.conditions, 'RebuildFailed')).toMatchObject({
    status: 'True',
    reason: 'General',
  });
});

test('a user snapshot becomes ready, and a deleted record deletes it', async () => {
  await healthyVolume(bench, 'vol1');
  bench.create('Snapshot', 'snapshots', 'snap1', { spec: { volume: 'vol1', createSnapshot: true } });
  await bench.until('ready', () => bench.object('snapshots', 'snap1')?.status?.readyToUse === true);
  expect(bench.expectObject('snapshots', 'snap1').status).toMatchObject({
    userCreated: true,
    children: { 'volume-head': true },
    restoreSize: 64 * 2 ** 20,
  });
  bench.remove('snapshots', 'snap1');
  await bench.until('gone', () => bench.object('snapshots', 'snap1') === undefined);
  expect(bench.dataPlane.calls).toContain('engineSnapshotDelete node1 snap1');
});

test('with 1.10 the rebuild names one source address, from 1.11 a list', async () => {
  await healthyVolume(bench, 'vol1');
  const pair = deleteOne();
  const status = await bench.until('rebuilding', () => Object.values(engine().status.rebuildStatus ?? {})[0]);
  const source = `tcp://${engine().spec.replicaAddressMap[pair.stays] ?? ''}`;
  expect(status).toMatchObject({
    fromReplicaAddress: '',
    fromReplicaAddressList: [source],
    state: 'in_progress',
    isRebuilding: true,
  });
  await rebuilt(pair);

  const older = await startBench({ version: '1.10.2' });
  try {
    await healthyVolume(older, 'vol1');
    older.remove('replicas', older.list('replicas')[0]?.metadata.name ?? '');
    const before = await older.until(
      'rebuilding',
      () => Object.values(older.expectObject('engines', 'vol1-e-0').status.rebuildStatus ?? {})[0],
    );
    expect(before.fromReplicaAddress).toMatch(/^tcp:\/\//);
    expect(before.fromReplicaAddressList).toBeUndefined();
  } finally {
    await older.close();
  }
});
