import { expect, test } from '@playwright/test';
import { RebuildWitness, type BeforeDeletion } from '../../../helpers/longhorn/rebuild.ts';
import { healthyOn, replenished } from '../../../helpers/longhorn/volume-states.ts';
import { alone } from '../../../helpers/longhorn/isolation.ts';
import type { SubjectView } from '../../../helpers/longhorn/subject.ts';
import { replay } from './recorded.ts';

const deletion = 'DELETE Replica vol1-r-c029e89c';
const victim = 'vol1-r-c029e89c';

/** The view at the very moment of the deletion, as `deleteReplica` reads it. */
function viewAtDeletion(): SubjectView {
  let last: SubjectView | undefined;
  replay({ from: 'volume healthy', to: deletion, onView: (view) => (last = view) });
  if (last === undefined) throw new Error('the recording has no view before the deletion');
  return last;
}

function beforeDeletion(): BeforeDeletion {
  const view = viewAtDeletion();
  const object = view.replicas.find(({ metadata }) => metadata.name === victim);
  return {
    victim: { replica: victim, nodeId: 'node1', diskUuid: object?.spec.diskID ?? '' },
    victimUid: object?.metadata.uid ?? '',
    replicaUids: new Set(view.replicas.map(({ metadata }) => metadata.uid)),
    sources: [],
    lastDegradedAt: view.volumes[0]?.status?.lastDegradedAt ?? '',
  };
}

test('right before and right after the deletion a real volume is healthy with all modes RW: that proves nothing', () => {
  const witness = new RebuildWitness(beforeDeletion());
  const early: string[] = [];
  replay({
    from: deletion,
    to: 'volume degraded seen',
    onView: (view) => {
      if (view.volumes[0]?.status?.robustness === 'healthy') early.push(witness.look(view).state);
    },
  });
  expect(early.length).toBeGreaterThan(0);
  expect(new Set(early)).toEqual(new Set(['pending']));
});

test('the rebuild of a real volume is proven only by a new replica that is RW in a healthy volume', () => {
  const witness = new RebuildWitness(beforeDeletion());
  let provenMs: number | undefined;
  let rebuilt: string | undefined;
  replay({
    from: deletion,
    to: 'second deletion while healthy',
    onView: (view, tMs) => {
      const progress = witness.look(view);
      if (progress.state === 'met') {
        provenMs ??= tMs;
        rebuilt ??= progress.value.metadata.name;
      }
    },
  });
  // The recording's own notes: all RW at 84193 ms, healthy again at 84345 ms.
  expect(provenMs).toBeGreaterThan(84_000);
  expect(provenMs).toBeLessThan(84_400);
  expect(rebuilt).toMatch(/^vol1-r-[0-9a-f]{8}$/);
  expect(rebuilt).not.toBe(victim);
  const story = witness.evidence().map((sentence) => sentence.replace(/^\+[\d.]+ s /, ''));
  const order = [/is gone/, /appeared/, /as WO/, /as RW/, /is healthy with/].map((pattern) =>
    story.findIndex((sentence) => pattern.test(sentence)),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order[0]).toBeGreaterThanOrEqual(0);
});

/** As at the deletion, but without the victim's object, with a new replica where one is given, and still called healthy. */
function stillHealthy(
  modes: Readonly<Record<string, string>>,
  fresh?: { name: string; healthyAt: string },
): SubjectView {
  const view = viewAtDeletion();
  const rest = view.replicas.filter(({ metadata }) => metadata.name !== victim);
  const made = rest.slice(0, fresh === undefined ? 0 : 1).map((replica) => ({
    ...replica,
    metadata: { ...replica.metadata, name: fresh?.name ?? '', uid: 'new' },
    spec: { ...replica.spec, healthyAt: fresh?.healthyAt ?? '' },
  }));
  const engines = view.engines.map((engine) => ({
    ...engine,
    status: { ...engine.status, replicaModeMap: { ...modes } },
  }));
  return { ...view, engines, replicas: [...rest, ...made] };
}

test('healthy that lags behind proves no rebuild: a new replica must be there, RW, and the deleted one let go of', () => {
  const survivor = viewAtDeletion().replicas.find(({ metadata }) => metadata.name !== victim)?.metadata.name ?? '';
  const healthyAt = '2026-11-22T15:25:00Z';
  const look = (view: SubjectView): string => new RebuildWitness(beforeDeletion()).look(view).state;
  const alive = { [survivor]: 'RW' };
  expect(look(stillHealthy(alive))).toBe('pending');
  expect(look(stillHealthy({ ...alive, new: 'WO' }, { name: 'new', healthyAt: '' }))).toBe('pending');
  expect(look(stillHealthy({ ...alive, new: 'WO' }, { name: 'new', healthyAt }))).toBe('pending');
  expect(look(stillHealthy({ ...alive, new: 'RW' }, { name: 'new', healthyAt: '' }))).toBe('pending');
  expect(look(stillHealthy({ ...alive, [victim]: 'RW', new: 'RW' }, { name: 'new', healthyAt }))).toBe('pending');
  expect(look(stillHealthy({ ...alive, new: 'RW' }, { name: 'new', healthyAt }))).toBe('met');
});

test('a volume called healthy is not replenished while a replica is WO, unhealthy or one too few', () => {
  const view = viewAtDeletion();
  const names = view.replicas.map(({ metadata }) => metadata.name);
  const withModes = (modes: Readonly<Record<string, string>>): SubjectView => ({
    ...view,
    engines: view.engines.map((engine) => ({ ...engine, status: { ...engine.status, replicaModeMap: { ...modes } } })),
  });
  const all = Object.fromEntries(names.map((name) => [name, 'RW']));
  expect(replenished(withModes(all)).state).toBe('met');
  expect(replenished(withModes({ ...all, [names[0] ?? '']: 'WO' })).state).toBe('pending');
  expect(replenished(withModes(Object.fromEntries(names.slice(1).map((name) => [name, 'RW'])))).state).toBe('pending');
  const unproven = view.replicas.map((replica) => ({ ...replica, spec: { ...replica.spec, healthyAt: '' } }));
  expect(replenished({ ...withModes(all), replicas: unproven }).state).toBe('pending');
  expect(replenished({ ...withModes(all), replicas: view.replicas.slice(1) }).state).toBe('pending');
});

test('attached is not yet healthy: neither endpoint nor modes are there', () => {
  const states: string[] = [];
  replay({
    from: 'PATCH VolumeAttachment',
    to: 'volume attached',
    onView: (view) => states.push(replenished(view).state),
  });
  expect(new Set(states)).toEqual(new Set(['pending']));
  expect(replenished(viewAtDeletion()).state).toBe('met');
});

test('a volume without an endpoint is not ready, however healthy', () => {
  const view = viewAtDeletion();
  // The recording attached it without a frontend.
  expect(healthyOn(view, 'node1').state).toBe('pending');
  const engines = view.engines.map((engine) => ({
    ...engine,
    status: { ...engine.status, endpoint: '/dev/longhorn/vol1' },
  }));
  expect(healthyOn({ ...view, engines }, 'node1').state).toBe('met');
  expect(healthyOn({ ...view, engines }, 'node2').state).toBe('pending');
});

test('a replica is alone when the engine serves it only and no other object is left, not even a terminating one', () => {
  const view = viewAtDeletion();
  const [first] = view.replicas;
  if (first === undefined) throw new Error('no replica');
  const { name } = first.metadata;
  const engines = view.engines.map((engine) => ({
    ...engine,
    status: { ...engine.status, replicaModeMap: { [name]: 'RW' } },
  }));
  expect(alone({ ...view, engines, replicas: [first] }, name).state).toBe('met');
  expect(alone({ ...view, engines }, name).state).toBe('pending');
  const stale = view.engines.map((engine) => ({
    ...engine,
    status: { ...engine.status, replicaModeMap: { [name]: 'RW', 'UNKNOWN-tcp://10.0.0.1:10000': 'RW' } },
  }));
  expect(alone({ ...view, engines: stale, replicas: [first] }, name).state).toBe('pending');
});
