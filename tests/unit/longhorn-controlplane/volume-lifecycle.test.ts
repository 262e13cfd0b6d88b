import { expect, test } from '@playwright/test';
import { conditionOf } from '../../../embedded/controlplane/longhorn/model/condition.ts';
import { changeOf, changesOf, eventsAbout, valuesOf } from './bench-history.ts';
import { healthyVolume } from './bench-objects.ts';
import { type Bench, startBench } from './longhorn-bench.ts';

let bench: Bench;

test.beforeEach(async () => {
  bench = await startBench();
});

test.afterEach(async () => {
  await bench.close();
});

const state = (name: string): string | undefined => bench.object('volumes', name)?.status?.state;

async function detach(): Promise<void> {
  bench.change('volumeattachments', 'vol1', (draft) => {
    draft.spec.attachmentTickets = {};
  });
  await bench.until('detached', () => state('vol1') === 'detached');
}

test('a volume goes through the states that a real longhorn-manager 1.12.1 showed', async () => {
  await healthyVolume(bench, 'vol1');
  await detach();
  bench.remove('volumes', 'vol1');
  await bench.until('gone', () => bench.object('volumes', 'vol1') === undefined);

  expect(valuesOf(bench, 'volumes', 'vol1', (volume) => volume.status?.state)).toEqual([
    '',
    'creating',
    'detaching',
    'detached',
    'attaching',
    'attached',
    'detaching',
    'detached',
    'deleting',
  ]);
  expect(valuesOf(bench, 'volumes', 'vol1', (volume) => volume.status?.robustness)).toEqual([
    '',
    'unknown',
    'healthy',
    'unknown',
  ]);
  expect(eventsAbout(bench, 'Volume', 'vol1')).toEqual([
    'Detached: volume vol1 has been detached',
    'Attached: volume vol1 has been attached to node1',
    'Delete: Deleting volume vol1',
  ]);
  expect(valuesOf(bench, 'engines', 'vol1-e-0', (engine) => engine.status?.currentState)).toEqual([
    '',
    'stopped',
    'running',
    'stopped',
  ]);
});

test('the engine is told its replicas only when all of them run, and attached comes before healthy', async () => {
  await healthyVolume(bench, 'vol1');
  const told = changesOf(bench, 'engines').find((change) => Object.keys(change.now.spec.replicaAddressMap).length > 0);
  expect(Object.keys(told?.now.spec.replicaAddressMap ?? {})).toHaveLength(2);

  const attachedAt = bench.history.findIndex((event) => changeOf(event, 'volumes')?.now.status?.state === 'attached');
  const before = bench.history.slice(0, attachedAt + 1);
  expect(before.flatMap((event) => changeOf(event, 'volumes') ?? []).at(-1)?.now.status?.robustness).toBe('unknown');
  expect(before.flatMap((event) => changeOf(event, 'engines') ?? []).at(-1)?.now.status).toMatchObject({
    currentState: 'running',
    replicaModeMap: null,
    endpoint: '',
  });
});

test('replicas get their health in the run that raises robustness, and the volume is written last', async () => {
  await healthyVolume(bench, 'vol1');
  const writes = bench.history.flatMap((event) => {
    const replica = changeOf(event, 'replicas');
    if (replica?.old?.spec.healthyAt === '' && replica.now.spec.healthyAt !== '') return ['replica healthyAt'];
    const volume = changeOf(event, 'volumes');
    const turned = volume?.now.status?.robustness === 'healthy' && volume.old?.status?.robustness !== 'healthy';
    return turned ? ['volume healthy'] : [];
  });
  expect(writes).toEqual(['replica healthyAt', 'replica healthyAt', 'volume healthy']);
});

test('detaching stops the engine before the replicas and forgets what the monitor saw', async () => {
  await healthyVolume(bench, 'vol1');
  await detach();
  const order = bench.dataPlane.calls.map((call) => call.split(' ')[0]);
  expect(order.slice(-3)).toEqual(['engineDelete', 'replicaStop', 'replicaStop']);
  expect(bench.expectObject('engines', 'vol1-e-0').status).toMatchObject({
    endpoint: '',
    replicaModeMap: null,
    rebuildStatus: null,
    ip: '',
    port: 0,
  });
  expect(bench.expectObject('volumes', 'vol1').status).toMatchObject({ currentNodeID: '', robustness: 'unknown' });
});

test('a deleted V2 volume lets its replicas go only after its engine is gone', async () => {
  await healthyVolume(bench, 'vol1');
  bench.remove('volumes', 'vol1');
  await bench.until('gone', () => bench.object('volumes', 'vol1') === undefined);
  const engineGone = bench.history.findIndex((event) => changeOf(event, 'engines')?.type === 'DELETED');
  const firstReplica = bench.history.findIndex(
    (event) => changeOf(event, 'replicas')?.now.metadata.deletionTimestamp !== undefined,
  );
  expect(engineGone).toBeGreaterThan(-1);
  expect(firstReplica).toBeGreaterThan(engineGone);
  expect(bench.list('replicas')).toEqual([]);
  expect(bench.list('volumeattachments')).toEqual([]);
});

test('a ticket is satisfied when the volume is attached on its node', async () => {
  await healthyVolume(bench, 'vol1');
  const statuses = bench.expectObject('volumeattachments', 'vol1').status.attachmentTicketStatuses;
  expect(statuses['by-test']).toMatchObject({
    id: 'by-test',
    satisfied: true,
    conditions: [{ type: 'Satisfied', status: 'True' }],
  });
});

test('a larger size is expanded by the engine monitor', async () => {
  await healthyVolume(bench, 'vol1');
  const size = String(128 * 2 ** 20);
  bench.change('volumes', 'vol1', (draft) => {
    draft.spec.size = size;
  });
  await bench.until('expanded', () => bench.expectObject('engines', 'vol1-e-0').status.currentSize === size);
  expect(bench.expectObject('engines', 'vol1-e-0').spec.volumeSize).toBe(size);
  await bench.until('no expansion pending', () => !bench.expectObject('volumes', 'vol1').status.expansionRequired);
});

test('replicas go to different nodes, and stay unplaced when there are too few nodes', async () => {
  await healthyVolume(bench, 'vol1', { numberOfReplicas: 3 });
  expect(new Set(bench.list('replicas').map((replica) => replica.spec.nodeID)).size).toBe(3);

  bench.create('Volume', 'volumes', 'wide', {
    spec: { size: '67108864', numberOfReplicas: 4, dataEngine: 'v2', frontend: 'blockdev' },
  });
  await bench.until('detached', () => state('wide') === 'detached');
  const wide = bench.list('replicas').filter((replica) => replica.spec.volumeName === 'wide');
  expect(wide.filter((replica) => replica.spec.nodeID === '')).toHaveLength(1);
  expect(conditionOf(bench.expectObject('volumes', 'wide').status.conditions, 'Scheduled')).toMatchObject({
    status: 'True',
    message: 'Reset schedulable due to allow volume creation with degraded availability',
  });
});
