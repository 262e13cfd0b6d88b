/**
 * What a watcher can race on around a rebuild (longhorn-facts §4.9): for each race a wait as one would write it, which the
 * embedded controllers fool, and the suite's own, which they do not. All look at the same moments of two rebuilds.
 */
import { expect, test } from '@playwright/test';
import { StatusError } from '../../../embedded/apiserver/store.ts';
import { alone } from '../../../helpers/longhorn/isolation.ts';
import { engines, replicas, volumes } from '../../../helpers/longhorn/kinds.ts';
import { RebuildWitness, type BeforeDeletion } from '../../../helpers/longhorn/rebuild.ts';
import type { SubjectView } from '../../../helpers/longhorn/subject.ts';
import { healthyOn, settled, settledUnpurged } from '../../../helpers/longhorn/volume-states.ts';
import { changeOf } from './bench-history.ts';
import type { Plural } from './bench-kinds.ts';
import { healthyVolume } from './bench-objects.ts';
import { type Bench, startBench } from './longhorn-bench.ts';

let bench: Bench;
/** What was there after each event, until the purge after the second rebuild. */
let moments: Moment[];
/** Where in `moments` each began. */
let first: Rebuild;
let second: Rebuild;

interface Rebuild {
  readonly gone: string;
  readonly stays: string;
  readonly fresh: string;
  readonly before: BeforeDeletion;
  readonly deleted: number;
  /** The first moment at which the new replica serves in a healthy volume. */
  readonly done: number;
}

interface Moment extends SubjectView {
  readonly snapshots: readonly string[];
  readonly listedByManagers: readonly string[];
}

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  bench = await startBench();
  moments = [];
  bench.store.watch('*', () => moments.push(look()));
  await healthyVolume(bench, 'vol1');
  first = await rebuild();
  second = await rebuild();
  await bench.until('purged', () => systemSnapshots(look()).length === 0 || undefined);
});

test.afterAll(async () => {
  await bench.close();
});

function look(): Moment {
  const all = (plural: Plural): readonly unknown[] => structuredClone(bench.list(plural));
  return {
    volumes: all('volumes').map((object) => volumes.parse(object)),
    engines: all('engines').map((object) => engines.parse(object)),
    replicas: all('replicas').map((object) => replicas.parse(object)),
    snapshots: bench.list('snapshots').map(({ metadata }) => metadata.name),
    listedByManagers: bench
      .list('instancemanagers')
      .flatMap(({ status }) => Object.keys((status as { instanceReplicas?: object }).instanceReplicas ?? {})),
  };
}

async function rebuild(): Promise<Rebuild> {
  const now = look();
  const [gone, stays] = now.replicas.map(({ metadata }) => metadata.name);
  if (gone === undefined || stays === undefined) throw new Error('the volume has no two replicas');
  const before: BeforeDeletion = {
    victim: { replica: gone, nodeId: 'node1', diskUuid: '' },
    victimUid: now.replicas[0]?.metadata.uid ?? '',
    replicaUids: new Set(now.replicas.map(({ metadata }) => metadata.uid)),
    sources: [],
    lastDegradedAt: now.volumes[0]?.status?.lastDegradedAt ?? '',
  };
  bench.remove('replicas', gone);
  const deleted = moments.length - 1;
  const fresh = await bench.until('rebuilt and healthy', () => {
    const name = bench.list('replicas').find((replica) => ![gone, stays].includes(replica.metadata.name))
      ?.metadata.name;
    return name !== undefined && serves(look(), name) ? name : undefined;
  });
  return {
    gone,
    stays,
    fresh,
    before,
    deleted,
    done: moments.findIndex((view, at) => at >= deleted && serves(view, fresh)),
  };
}

const modesOf = (view: SubjectView): Record<string, string> => view.engines[0]?.status?.replicaModeMap ?? {};
const robustness = (view: SubjectView): string => view.volumes[0]?.status?.robustness ?? '';
const serves = (view: SubjectView, name: string): boolean =>
  modesOf(view)[name] === 'RW' && robustness(view) === 'healthy';
const systemSnapshots = (view: SubjectView): string[] =>
  Object.keys(view.engines[0]?.status?.snapshots ?? {}).filter((name) => name.startsWith('rebuild-'));

/** The moments from the deletion until the rebuild is over, the last one left out. */
const during = ({ deleted, done }: Rebuild): Moment[] => moments.slice(deleted, done);

/** How many of these moments the suite's own wait takes for the end. */
function believed(views: readonly SubjectView[], { before }: Rebuild): number {
  const witness = new RebuildWitness(before);
  return views.filter((view) => witness.look(view).state === 'met').length;
}

const naiveWaits: readonly { race: string; wait: string; met: (view: Moment, rebuilt: Rebuild) => boolean }[] = [
  { race: '1', wait: 'the volume is healthy', met: (view) => robustness(view) === 'healthy' },
  { race: '3', wait: 'there are two replicas', met: (view) => view.replicas.length === 2 },
  {
    race: '4',
    wait: 'no rebuild has a status, or all that have are complete',
    met: (view) =>
      Object.values(view.engines[0]?.status?.rebuildStatus ?? {}).every(({ state }) => state === 'complete'),
  },
  {
    race: '5',
    wait: 'every mode is RW',
    met: (view) => Object.values(modesOf(view)).every((mode) => mode === 'RW'),
  },
  {
    race: '5',
    wait: 'two modes are RW, whoever they are of',
    met: (view) => Object.values(modesOf(view)).filter((mode) => mode === 'RW').length === 2,
  },
  {
    race: '7',
    wait: 'a new replica is there',
    met: (view, { gone, stays }) => view.replicas.some(({ metadata }) => ![gone, stays].includes(metadata.name)),
  },
  {
    race: '7',
    wait: 'a new replica is running',
    met: (view, { gone, stays }) =>
      view.replicas.some(
        ({ metadata, status }) => ![gone, stays].includes(metadata.name) && status?.currentState === 'running',
      ),
  },
  {
    race: '8',
    wait: 'there is a rebuild snapshot',
    met: (view) => view.snapshots.some((name) => name.startsWith('rebuild-')),
  },
  {
    race: '11',
    wait: 'an instance manager runs the replica that the volume lost',
    met: (view, { gone }) =>
      view.listedByManagers.includes(gone) && !view.replicas.some(({ metadata }) => metadata.name === gone),
  },
];

for (const { race, wait, met } of naiveWaits) {
  test(`race ${race}: "${wait}" is met while the rebuild is not over; the suite is not fooled`, () => {
    const views = during(first);
    expect(views.filter((view) => met(view, first)).length).toBeGreaterThan(0);
    expect(believed(views, first)).toBe(0);
  });
}

test('the suite believes both rebuilds at the moment at which they are over', () => {
  for (const rebuilt of [first, second]) {
    expect(believed(moments.slice(rebuilt.deleted, rebuilt.done + 1), rebuilt)).toBe(1);
  }
});

test('race 2: two polls before and after the rebuild never see it degraded; the suite needs no more than them', () => {
  const polled = [moments[first.deleted], moments[first.done]].flatMap((moment) => moment ?? []);
  expect(polled.map(robustness)).toEqual(['healthy', 'healthy']);
  expect(believed(polled, first)).toBe(1);
});

test('race 5: an engine that has stopped has no modes, which are all RW then; the suite asks for an endpoint as well', () => {
  const early = moments.filter(({ engines: [engine] }) => (engine?.status?.replicaModeMap ?? null) === null);
  expect(early.filter((view) => Object.values(modesOf(view)).every((mode) => mode === 'RW')).length).toBeGreaterThan(0);
  expect(early.filter((view) => healthyOn(view, 'node1').state === 'met')).toEqual([]);
});

test('race 6: attached is there before device, modes and health; the suite waits for all of them', () => {
  const early = moments.filter(
    (view) => view.volumes[0]?.status?.state === 'attached' && robustness(view) === 'unknown',
  );
  expect(early.length).toBeGreaterThan(0);
  expect(early.filter((view) => healthyOn(view, 'node1').state === 'met')).toEqual([]);
});

test('race 9: when the deleted replica is gone the engine still has it; the suite calls nobody alone until it has not', () => {
  const { gone, stays } = first;
  const stillThere = during(first).filter(
    (view) => view.replicas.length === 1 && Object.keys(modesOf(view)).some((name) => name !== stays),
  );
  expect(stillThere.length).toBeGreaterThan(0);
  expect(stillThere.some((view) => modesOf(view)[gone] === 'RW')).toBe(true);
  expect(stillThere.filter((view) => alone(view, stays).state === 'met')).toEqual([]);
});

test('race 10: healthy comes before the purge, which takes the last snapshot; the suite waits until it holds still', () => {
  const healthy = moments.slice(second.done).filter((view) => serves(view, second.fresh));
  const [atOnce, atLast] = [healthy[0], healthy.at(-1)];
  expect([atOnce, atLast].map((view) => (view === undefined ? 0 : systemSnapshots(view).length))).toEqual([1, 0]);
  expect(atOnce === undefined ? '' : settled(atOnce).state).toBe('pending');
  expect(atLast === undefined ? '' : settled(atLast).state).toBe('met');
});

test('race 10 until 1.10.1: the purge leaves the snapshot that the head hangs on, and the suite does not wait for it', () => {
  const [atOnce] = moments.slice(second.done).filter((view) => serves(view, second.fresh));
  if (atOnce === undefined) throw new Error('never healthy');
  const at = (tag: string): SubjectView => {
    const view = structuredClone({ ...atOnce, snapshots: [], listedByManagers: [] });
    for (const { status } of view.engines)
      if (status) status.currentImage = `longhornio/longhorn-instance-manager:${tag}`;
    return view;
  };
  expect(['v1.8.0', 'v1.10.1', 'v1.10.2', 'v1.12.1', 'master-head'].map((tag) => settled(at(tag)).state)).toEqual([
    'met',
    'met',
    'pending',
    'pending',
    'pending',
  ]);
});

test('a purge that was missed leaves one system snapshot, which the suite takes for rest when it has waited long', () => {
  const [atOnce] = moments.slice(second.done).filter((view) => serves(view, second.fresh));
  expect(atOnce === undefined ? '' : settledUnpurged(atOnce).state).toBe('met');
});

test('race 12: after a rebuild one more deletion is accepted, and the next one at once is refused', () => {
  bench.remove('replicas', second.stays);
  expect(() => {
    bench.remove('replicas', second.fresh);
  }).toThrow(StatusError);
});

test('race 13: an object that was read before a rebuild cannot be put back after it; a patch of one field can', () => {
  const old = bench.history.flatMap((event) => changeOf(event, 'volumes') ?? []).at(0)?.now;
  if (old === undefined) throw new Error('the volume was never written');
  expect(() => bench.store.update('volumes.longhorn.io', structuredClone(old))).toThrow(/modified|conflict/i);
  bench.change('volumes', 'vol1', (draft) => {
    draft.metadata.labels = { ...draft.metadata.labels, touched: 'yes' };
  });
  expect(bench.object('volumes', 'vol1')?.metadata.labels?.['touched']).toBe('yes');
});
