/** Who has a snapshot hashed, when, and what the replicas' checksums become. */
import { expect, test } from '@playwright/test';
import { createClock } from '../../../embedded/clock.ts';
import { elected } from '../../../embedded/controlplane/longhorn/snapshot/snapshot-monitor.ts';
import { eventsAbout } from './bench-history.ts';
import { healthyVolume } from './bench-objects.ts';
import { type Bench, type BenchOptions, benchTimeScale, startBench } from './longhorn-bench.ts';

const immediate = 'snapshot-data-integrity-immediate-check-after-snapshot-creation';

/** With a bench that has a healthy volume. */
async function withVolume(options: BenchOptions, body: (bench: Bench) => Promise<void> | void): Promise<void> {
  const bench = await startBench(options);
  try {
    await healthyVolume(bench, 'vol1');
    await body(bench);
  } finally {
    await bench.close();
  }
}

async function snapshot(bench: Bench): Promise<void> {
  bench.create('Snapshot', 'snapshots', 'snap1', { spec: { volume: 'vol1', createSnapshot: true } });
  await bench.until('ready', () => bench.object('snapshots', 'snap1')?.status?.readyToUse === true);
}

const checksum = (bench: Bench): string => bench.expectObject('snapshots', 'snap1').status.checksum;

for (const version of ['1.9.1', '1.11.3'] as const) {
  test(`${version}: with the immediate check a new snapshot gets the checksum that its replicas agree on`, async () => {
    await withVolume({ version, settings: { [immediate]: 'true' } }, async (bench) => {
      await snapshot(bench);
      await bench.until('checksum', () => checksum(bench) !== '');
      expect(checksum(bench)).toBe('42');
    });
  });
}

for (const { what, options } of [
  { what: 'without the immediate check', options: {} },
  {
    what: 'with data integrity off for V2, by its own setting of 1.9',
    options: {
      version: '1.9.1',
      settings: { [immediate]: 'true', 'v2-data-engine-snapshot-data-integrity': 'disabled' },
    },
  },
  {
    what: 'with data integrity off for V2, by the setting of all engines',
    options: { settings: { [immediate]: 'true', 'snapshot-data-integrity': '{"v1":"fast-check","v2":"disabled"}' } },
  },
] as const) {
  test(`${what} nobody asks for a checksum`, async () => {
    const clock = createClock(benchTimeScale);
    await withVolume({ ...options, clock }, async (bench) => {
      await snapshot(bench);
      bench.change('snapshots', 'snap1', (draft) => {
        draft.metadata.labels = { ...draft.metadata.labels, touched: 'yes' };
      });
      // Longer than a controller takes to react, and than several polls take.
      await clock.sleep(20);
      expect(checksum(bench)).toBe('');
      expect(bench.dataPlane.calls.filter((call) => call.startsWith('engineSnapshotHash'))).toEqual([]);
    });
  });
}

test('replicas that disagree one to one leave no checksum, and the engine is told of', async () => {
  await withVolume({ settings: { [immediate]: 'true' } }, async (bench) => {
    bench.dataPlane.faults.checksums = ['1', '2'];
    await snapshot(bench);
    await bench.until('told', () =>
      eventsAbout(bench, 'Engine', 'vol1-e-0').some((event) => event.startsWith('FailedSnap')),
    );
    expect(checksum(bench)).toBe('');
  });
});

test('most votes win; a tie is decided by what was known, if it is among them', () => {
  const votes = (...checksums: string[]) =>
    Object.fromEntries(
      checksums.map((sum, index) => [String(index), { state: 'complete' as const, checksum: sum, error: '' }]),
    );
  expect(elected(votes('1', '2', '1'), '')).toBe('1');
  expect(elected(votes('1', '2'), '')).toBeUndefined();
  expect(elected(votes('1', '2'), '2')).toBe('2');
  expect(elected(votes('1', '2'), '3')).toBeUndefined();
});
