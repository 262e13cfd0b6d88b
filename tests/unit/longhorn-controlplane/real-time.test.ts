/**
 * At time scale 1 the waits are Longhorn's own. Time is virtual: it jumps whenever nothing is left to do, so the seconds
 * below are Longhorn's, and none of them is waited for.
 */
import { expect, test } from '@playwright/test';
import { healthyVolume } from './bench-objects.ts';
import { type Bench, startBench } from './longhorn-bench.ts';
import { createVirtualClock } from './virtual-clock.ts';

interface Moment {
  readonly at: number;
  readonly what: string;
}

/** One replica deleted from a healthy V2 volume, until it is healthy again and the last purge has run. */
async function rebuildInRealTime(): Promise<readonly Moment[]> {
  const clock = createVirtualClock();
  const bench = await startBench({ clock });
  const moments: Moment[] = [];
  const note = (what: string): void => {
    if (moments.at(-1)?.what !== what) moments.push({ at: clock.nowSeconds(), what });
  };
  try {
    await healthyVolume(bench, 'vol1');
    const [victim = ''] = bench
      .list('replicas')
      .map(({ metadata }) => metadata.name)
      .sort();
    const stopCalls = bench.dataPlane.onCall(() => {
      note((bench.dataPlane.calls.at(-1) ?? '').split(' ')[0] ?? '');
    });
    const stopWatch = bench.store.watch('*', ({ resource, object, type }) => {
      if (resource === 'volumes.longhorn.io') note(`volume ${robustness(bench) ?? ''}`);
      if (resource === 'replicas.longhorn.io' && object.metadata.name === victim && type === 'DELETED')
        note('replica gone');
      if (resource === 'replicas.longhorn.io' && type === 'ADDED') note('replica new');
      if (resource === 'engines.longhorn.io')
        note(
          `modes ${Object.values(bench.object('engines', 'vol1-e-0')?.status?.replicaModeMap ?? {})
            .sort()
            .join()}`,
        );
    });
    note('asked to delete');
    bench.remove('replicas', victim);
    await bench.until('volume degraded', () => robustness(bench) === 'degraded');
    await bench.until('volume healthy', () => robustness(bench) === 'healthy');
    await bench.until(
      'second purge',
      () => bench.dataPlane.calls.filter((call) => call.startsWith('engineSnapshotPurge')).length === 2,
    );
    stopCalls();
    stopWatch();
    return moments;
  } finally {
    await bench.close();
    clock.stop();
  }
}

const robustness = (bench: Bench): string | undefined => bench.object('volumes', 'vol1')?.status?.robustness;

let moments: readonly Moment[];
const at = (what: string, from = 0): number => {
  const found = moments.find((moment) => moment.what === what && moment.at >= from);
  if (found === undefined)
    throw new Error(
      `never seen: ${what}; seen: ${moments.map((moment) => `${moment.at.toFixed(2)} ${moment.what}`).join('; ')}`,
    );
  return found.at;
};

test.beforeAll(async () => {
  moments = await rebuildInRealTime();
});

// longhorn-manager:controller/engine_controller.go EnginePollInterval, EnginePollTimeout@v1.11.3.
test('a rebuild begins one purge tick of 10 s after its purge', () => {
  const purged = at('engineSnapshotPurge');
  expect(at('engineReplicaAdd') - purged).toBeGreaterThanOrEqual(10);
  expect(at('engineReplicaAdd') - purged).toBeLessThan(11);
});

test('modes are seen at polls of 5 s, and health follows within a moment', () => {
  const polls = ['modes RW,WO', 'modes RW,RW'].map((what) => at(what, at('engineReplicaAdd')));
  const [rebuilding = 0, rebuilt = 0] = polls;
  expect((rebuilt - rebuilding) % 5, 'a multiple of the poll').toBeCloseTo(0, 1);
  expect(at('volume healthy', rebuilt) - rebuilt).toBeLessThan(1);
});

test('right after the deletion the volume claims to be healthy, for longer than a quick look', () => {
  expect(at('volume degraded') - at('asked to delete')).toBeGreaterThan(0.5);
  expect(at('replica gone')).toBeLessThanOrEqual(at('volume degraded'));
});

test('the whole takes as long as on a real cluster: 25 to 60 s for an empty volume', () => {
  const whole = at('volume healthy', at('volume degraded')) - at('asked to delete');
  expect(whole).toBeGreaterThanOrEqual(25);
  expect(whole).toBeLessThanOrEqual(60);
});

test('the purge after the rebuild comes after the volume is healthy', () => {
  const healthy = at('volume healthy', at('volume degraded'));
  expect(at('engineSnapshotPurge', at('engineReplicaAdd'))).toBeGreaterThanOrEqual(healthy);
});

test('virtual time gives the same run every time', async () => {
  expect(await rebuildInRealTime()).toEqual(moments);
});
