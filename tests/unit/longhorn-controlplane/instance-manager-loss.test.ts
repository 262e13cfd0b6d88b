/** The pod of a V2 instance manager is deleted: what becomes of the manager, its instances and the volume. */
import { expect, test } from '@playwright/test';
import type { KubeObject } from '../../../embedded/apiserver/store.ts';
import { eventsAbout, valuesOf } from './bench-history.ts';
import { healthyVolume } from './bench-objects.ts';
import { type Bench, startBench } from './longhorn-bench.ts';

let bench: Bench;

test.beforeEach(async () => {
  bench = await startBench();
});

test.afterEach(async () => {
  await bench.close();
});

const podRef = (name: string): { resource: string; namespace: string; name: string } => ({
  resource: 'pods',
  namespace: 'longhorn-system',
  name,
});

function managerOn(node: string): string {
  const found = bench.list('instancemanagers').find(({ spec }) => spec.nodeID === node && spec.dataEngine === 'v2');
  return found?.metadata.name ?? '';
}

/** Deletes the pod; the next one runs as soon as there is one: this bench has no kubelet. */
async function replacePod(name: string): Promise<void> {
  const uid = bench.store.get(podRef(name))?.metadata.uid;
  bench.store.delete(podRef(name), { gracePeriodSeconds: 0 });
  await bench.until('another pod', () => {
    const now = bench.store.get(podRef(name))?.metadata.uid;
    return now !== undefined && now !== uid;
  });
  const run = (draft: KubeObject): void => {
    draft.status = { phase: 'Running', containerStatuses: [{ ready: true }] };
  };
  bench.store.mutate(podRef(name), run, { subresource: 'status' });
}

const healthyAgain = (manager: string) => (): boolean => {
  const volume = bench.object('volumes', 'vol1')?.status;
  const state = bench.object('instancemanagers', manager)?.status?.currentState;
  return state === 'running' && volume?.robustness === 'healthy' && volume.state === 'attached';
};

test('an engine that died with its node’s instance manager detaches the volume, which is then attached again', async () => {
  await healthyVolume(bench, 'vol1');
  const manager = managerOn('node1');
  await replacePod(manager);
  await bench.until('the volume healthy again', healthyAgain(manager));

  expect(valuesOf(bench, 'instancemanagers', manager, ({ status }) => status?.currentState)).toEqual([
    'running',
    'error',
    'starting',
    'running',
  ]);
  expect(valuesOf(bench, 'engines', 'vol1-e-0', ({ status }) => status?.currentState).slice(-4)).toEqual([
    'running',
    'error',
    'stopped',
    'running',
  ]);
  expect(valuesOf(bench, 'volumes', 'vol1', ({ status }) => status?.state).slice(-4)).toEqual([
    'detaching',
    'detached',
    'attaching',
    'attached',
  ]);
  expect(valuesOf(bench, 'volumes', 'vol1', ({ status }) => status?.robustness)).toContain('faulted');
  const words = eventsAbout(bench, 'Volume', 'vol1').join('\n');
  expect(words).toContain('DetachedUnexpectedly: Engine of volume vol1 dead unexpectedly');
  expect(words).toContain('Remount: Volume vol1 requested remount at');
  expect(words).not.toContain('AutoSalvaged');
});

test('a volume all of whose replicas died is salvaged with those that failed last', async () => {
  await healthyVolume(bench, 'vol1', { numberOfReplicas: 1 });
  expect(bench.list('replicas').map(({ spec }) => spec.nodeID)).toEqual(['node1']);
  const manager = managerOn('node1');
  await replacePod(manager);
  await bench.until('the volume healthy again', healthyAgain(manager));
  expect(eventsAbout(bench, 'Volume', 'vol1').join('\n')).toContain('AutoSalvaged: Replica');
  const salvage = valuesOf(
    bench,
    'engines',
    'vol1-e-0',
    ({ spec, status }) =>
      `${spec.salvageRequested ? 'requested' : '-'} ${status?.salvageExecuted === true ? 'executed' : '-'}`,
  );
  await bench.until(
    'the request taken back',
    () => bench.object('engines', 'vol1-e-0')?.status?.salvageExecuted === false,
  );
  expect(salvage).toContain('requested executed');
});

test('a replica that died with its node’s instance manager fails, and is rebuilt when a pod runs again', async () => {
  await healthyVolume(bench, 'vol1');
  const engineNode = bench.object('engines', 'vol1-e-0')?.spec.nodeID ?? '';
  const lost = bench.list('replicas').find(({ spec }) => spec.nodeID !== engineNode);
  const name = lost?.metadata.name ?? '';
  await replacePod(managerOn(lost?.spec.nodeID ?? ''));
  await bench.until('the replica failed', () => bench.object('replicas', name)?.spec.failedAt !== '');
  await bench.until('the volume healthy again', () => {
    const volume = bench.object('volumes', 'vol1')?.status;
    return bench.object('replicas', name)?.spec.failedAt === '' && volume?.robustness === 'healthy';
  });
  expect(valuesOf(bench, 'replicas', name, ({ status }) => status?.currentState)).toEqual([
    '',
    'stopped',
    'running',
    'error',
    'stopped',
    'running',
  ]);
  expect(valuesOf(bench, 'volumes', 'vol1', ({ status }) => status?.robustness).slice(-3)).toEqual([
    'healthy',
    'degraded',
    'healthy',
  ]);
  expect(bench.object('volumes', 'vol1')?.status?.state).toBe('attached');
});

test('on a cordoned node the instance manager gets no new pod until the node is open again', async () => {
  const manager = managerOn('node2');
  const cordon = (unschedulable: boolean): void => {
    bench.store.mutate({ resource: 'nodes', name: 'node2' }, (draft) => {
      draft.spec = { unschedulable };
    });
  };
  cordon(true);
  bench.store.delete(podRef(manager), { gracePeriodSeconds: 0 });
  await bench.until('in error', () => bench.object('instancemanagers', manager)?.status?.currentState === 'error');
  expect(bench.store.get(podRef(manager))).toBeUndefined();
  cordon(false);
  await bench.until('a pod', () => bench.store.get(podRef(manager)) !== undefined);
});
