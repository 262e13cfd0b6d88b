import { expect, test } from '@playwright/test';
import type { Payload } from '../../../embedded/apiserver/store.ts';
import { eventsAbout, healthyVolume, startBench, valuesOf } from './longhorn-bench.ts';
import type { Bench } from './longhorn-bench.ts';

let bench: Bench;

test.beforeEach(async () => {
  bench = await startBench();
});

test.afterEach(async () => {
  await bench.close();
});

const stateOf = (volume: Payload): unknown => volume.status?.state;
const robustnessOf = (volume: Payload): unknown => volume.status?.robustness;

test('a volume goes through the states that a real longhorn-manager 1.12.1 showed', async () => {
  await healthyVolume(bench, 'vol1');
  bench.change('volumeattachments', 'vol1', (draft) => {
    draft.spec.attachmentTickets = {};
  });
  await bench.until('detached again', () => stateOf(bench.expectObject('volumes', 'vol1')) === 'detached');
  bench.remove('volumes', 'vol1');
  await bench.until('gone', () => bench.object('volumes', 'vol1') === undefined);

  expect(valuesOf(bench, 'volumes', 'vol1', stateOf)).toEqual([
    '', 'creating', 'detaching', 'detached', 'attaching', 'attached', 'detaching', 'detached', 'deleting',
  ]);
  expect(valuesOf(bench, 'volumes', 'vol1', robustnessOf)).toEqual(['', 'unknown', 'healthy', 'unknown']);
  expect(eventsAbout(bench, 'Volume', 'vol1')).toEqual([
    'Detached: volume vol1 has been detached',
    'Attached: volume vol1 has been attached to node1',
    'Deleting volume vol1'.replace(/^/, 'Delete: '),
  ]);
  expect(valuesOf(bench, 'engines', 'vol1-e-0', (engine) => engine.status?.currentState)).toEqual([
    '', 'stopped', 'running', 'stopped',
  ]);
});

test('the engine is told its replicas only when all of them run, and attached comes before healthy', async () => {
  await healthyVolume(bench, 'vol1');
  const withAddresses = bench.history.find(
    (event) => event.resource === 'engines.longhorn.io' && Object.keys(event.object.spec.replicaAddressMap as object).length > 0,
  );
  expect(Object.keys((withAddresses?.object.spec as Payload).replicaAddressMap as object)).toHaveLength(2);

  const attached = bench.history.find((event) => stateOf(event.object) === 'attached');
  expect(robustnessOf(attached?.object)).toBe('unknown');
  const engine = bench.history.filter((event) => event.resource === 'engines.longhorn.io');
  const atAttach = engine.filter((event) => bench.history.indexOf(event) < bench.history.indexOf(attached ?? engine[0] as never)).at(-1);
  expect(atAttach?.object.status).toMatchObject({ currentState: 'running', replicaModeMap: null, endpoint: '' });
});

test('replicas get their health in the run that raises robustness, and the volume is written last', async () => {
  await healthyVolume(bench, 'vol1');
  const writes = bench.history.map((event) => {
    if (event.resource === 'replicas.longhorn.io') {
      const before = (event.previous?.spec as Payload)?.healthyAt;
      return before === '' && event.object.spec.healthyAt !== '' ? 'replica healthyAt' : '';
    }
    const turned = robustnessOf(event.object) === 'healthy' && robustnessOf(event.previous) !== 'healthy';
    return event.resource === 'volumes.longhorn.io' && turned ? 'volume healthy' : '';
  });
  expect(writes.filter((write) => write !== '')).toEqual(['replica healthyAt', 'replica healthyAt', 'volume healthy']);
});

test('detaching stops the engine before the replicas and forgets what the monitor saw', async () => {
  await healthyVolume(bench, 'vol1');
  bench.change('volumeattachments', 'vol1', (draft) => {
    draft.spec.attachmentTickets = {};
  });
  await bench.until('detached', () => stateOf(bench.expectObject('volumes', 'vol1')) === 'detached');
  const order = bench.dataPlane.calls.map((call) => call.split(' ')[0]);
  expect(order.slice(-3)).toEqual(['engineDelete', 'replicaStop', 'replicaStop']);
  expect(bench.expectObject('engines', 'vol1-e-0').status).toMatchObject({
    endpoint: '', replicaModeMap: null, rebuildStatus: null, ip: '', port: 0,
  });
  expect(bench.expectObject('volumes', 'vol1').status).toMatchObject({ currentNodeID: '', robustness: 'unknown' });
});

test('a deleted V2 volume lets its replicas go only after its engine is gone', async () => {
  await healthyVolume(bench, 'vol1');
  bench.remove('volumes', 'vol1');
  await bench.until('gone', () => bench.object('volumes', 'vol1') === undefined);
  const engineGone = bench.history.findIndex(
    (event) => event.resource === 'engines.longhorn.io' && event.type === 'DELETED',
  );
  const firstReplica = bench.history.findIndex(
    (event) => event.resource === 'replicas.longhorn.io' && event.object.metadata.deletionTimestamp !== undefined,
  );
  expect(engineGone).toBeGreaterThan(-1);
  expect(firstReplica).toBeGreaterThan(engineGone);
  expect(bench.list('replicas')).toEqual([]);
  expect(bench.list('volumeattachments')).toEqual([]);
});

test('a ticket is satisfied when the volume is attached on its node', async () => {
  await healthyVolume(bench, 'vol1');
  expect(bench.expectObject('volumeattachments', 'vol1').status.attachmentTicketStatuses['by-test']).toMatchObject({
    id: 'by-test', satisfied: true, conditions: [{ type: 'Satisfied', status: 'True' }],
  });
});

test('a larger size is expanded by the engine monitor', async () => {
  await healthyVolume(bench, 'vol1');
  bench.change('volumes', 'vol1', (draft) => {
    draft.spec.size = String(128 * 2 ** 20);
  });
  const engine = await bench.until('expanded', () => {
    const current: Payload = bench.expectObject('engines', 'vol1-e-0');
    return current.status.currentSize === String(128 * 2 ** 20) && current;
  });
  expect(engine.spec.volumeSize).toBe(String(128 * 2 ** 20));
  await bench.until('no expansion pending', () => bench.expectObject('volumes', 'vol1').status.expansionRequired === false);
});

test('replicas go to different nodes, and stay unplaced when there are too few nodes', async () => {
  await healthyVolume(bench, 'vol1', { numberOfReplicas: 3 });
  const nodes = bench.list('replicas').map((replica) => replica.spec.nodeID as string);
  expect(new Set(nodes).size).toBe(3);

  bench.create('Volume', 'volumes', 'wide', {
    spec: { size: '67108864', numberOfReplicas: 4, dataEngine: 'v2', frontend: 'blockdev' },
  });
  await bench.until('detached', () => stateOf(bench.object('volumes', 'wide') as Payload) === 'detached');
  const unplaced = bench.list('replicas').filter((replica) => replica.spec.volumeName === 'wide' && replica.spec.nodeID === '');
  expect(unplaced).toHaveLength(1);
  const scheduled = (bench.expectObject('volumes', 'wide').status.conditions as Payload[]).find((entry) => entry.type === 'Scheduled');
  expect(scheduled).toMatchObject({
    status: 'True',
    message: 'Reset schedulable due to allow volume creation with degraded availability',
  });
});
