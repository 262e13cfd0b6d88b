import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { createDataPlane } from '../../../embedded/dataplane/data-plane.ts';
import { versionProfile } from '../../../embedded/versions/profile.ts';
import { type Bench, startBench } from './longhorn-bench.ts';
import { refusal } from './refusal.ts';
import { tracksByStep } from './transitions.ts';
import type { Tracks } from './transitions.ts';
import { differing } from './transitions-left-out.ts';
import { createVirtualClock } from './virtual-clock.ts';

const version = '1.12.1';
const gone = (bench: Bench, plural: 'volumes' | 'replicas' | 'backingimages', name: string): Promise<unknown> =>
  bench.until(`${name} gone`, () => bench.object(plural, name) === undefined);
const volume = (bench: Bench): string => {
  const status = bench.object('volumes', 'vol1')?.status;
  return `${status?.state ?? ''} ${status?.robustness ?? ''}`;
};
const becomes = (bench: Bench, state: string): Promise<unknown> =>
  bench.until(`volume ${state}`, () => volume(bench) === state);

/** The steps of the recorded run, with a V2 volume. 1.12.1 refuses V2 images, so the volume has none. */
const steps: Readonly<Record<string, (bench: Bench) => Promise<unknown>>> = {
  async image(bench) {
    bench.create('BackingImage', 'backingimages', 'test-bi', {
      spec: { sourceType: 'download', sourceParameters: { url: 'http://images.default/image' }, minNumberOfCopies: 2 },
    });
    await bench.until('image ready on 2 disks', () => {
      const files = Object.values(bench.object('backingimages', 'test-bi')?.status?.diskFileStatusMap ?? {});
      return files.length === 2 && files.every((file) => file.state === 'ready');
    });
  },
  async create(bench) {
    bench.create('Volume', 'volumes', 'vol1', {
      spec: { size: String(32 * 2 ** 20), numberOfReplicas: 2, dataEngine: 'v2', frontend: 'blockdev' },
    });
    await becomes(bench, 'detached unknown');
  },
  async attach(bench) {
    bench.change('volumeattachments', 'vol1', (draft) => {
      draft.spec.attachmentTickets['rec'] = {
        id: 'rec',
        type: 'longhorn-api',
        nodeID: 'node1',
        parameters: { disableFrontend: 'true' },
        generation: 0,
      };
    });
    await becomes(bench, 'attached healthy');
  },
  async rebuild(bench) {
    const [victim = ''] = bench
      .list('replicas')
      .map((replica) => replica.metadata.name)
      .sort((a, b) => firstSeen(bench, a) - firstSeen(bench, b));
    bench.remove('replicas', victim);
    await gone(bench, 'replicas', victim);
    await becomes(bench, 'attached degraded');
    await becomes(bench, 'attached healthy');
    await bench.until(
      'the last event of the rebuild',
      () => bench.history.filter(({ object }) => object['reason'] === 'Rebuilt').length === 2,
    );
    await bench.until('snapshot of the rebuild purged', () => bench.list('snapshots').length === 0);
  },
  async 'second deletion and snapshot'(bench) {
    const [victim = '', other = ''] = bench
      .list('replicas')
      .map((replica) => replica.metadata.name)
      .sort((a, b) => firstSeen(bench, a) - firstSeen(bench, b));
    bench.remove('replicas', victim);
    expect(
      refusal(() => {
        bench.remove('replicas', other);
      }).message,
    ).toContain('no other healthy replica available for volume vol1');
    await becomes(bench, 'attached degraded');
    bench.create('Snapshot', 'snapshots', 'snap1', { spec: { volume: 'vol1', createSnapshot: true } });
    await bench.until('snapshot ready', () => bench.object('snapshots', 'snap1')?.status?.readyToUse);
    await bench.until('only the good replica in the engine', () => {
      const modes = bench.object('engines', 'vol1-e-0')?.status?.replicaModeMap ?? {};
      return Object.entries(modes).every(([name, mode]) => name === other && mode === 'RW');
    });
  },
  async detach(bench) {
    bench.change('volumeattachments', 'vol1', (draft) => {
      delete draft.spec.attachmentTickets['rec'];
    });
    await becomes(bench, 'detached unknown');
  },
  async 'delete volume'(bench) {
    bench.remove('volumes', 'vol1');
    await gone(bench, 'volumes', 'vol1');
  },
  async 'delete image'(bench) {
    bench.remove('backingimages', 'test-bi');
    await gone(bench, 'backingimages', 'test-bi');
    await bench.until('image source gone', () => bench.object('backingimagedatasources', 'test-bi') === undefined);
  },
};

function firstSeen(bench: Bench, replica: string): number {
  return bench.history.findIndex(({ object }) => object.metadata.name === replica);
}

let recorded: Record<string, Tracks> = {};
let seen: Record<string, Tracks> = {};

test.beforeAll(async () => {
  recorded = JSON.parse(
    await readFile(new URL('./recorded/transitions.json', import.meta.url), 'utf8'),
  ) as typeof recorded;
  const directory = await mkdtemp(join(tmpdir(), 'lh-'));
  const clock = createVirtualClock();
  const dataPlane = await createDataPlane({
    directory,
    profile: versionProfile(version).dataPlane,
    clock,
    seed: 'bench',
  });
  const bench = await startBench({ version, dataPlane, clock });
  try {
    bench.image = Buffer.alloc(16 * 2 ** 20, 7);
    const made = [];
    for (const [name, step] of Object.entries(steps)) {
      const from = bench.history.length;
      await step(bench);
      made.push({ name, changes: bench.history.slice(from) });
    }
    seen = tracksByStep(made);
  } finally {
    await bench.close();
    await dataPlane.close();
    clock.stop();
    await rm(directory, { recursive: true, force: true });
  }
});

test('the recorded run and ours have the same steps', () => {
  expect(Object.keys(seen)).toEqual(Object.keys(recorded));
});

const explained = (step: string, track: string): boolean =>
  differing.some((entry) => entry.step === step && entry.tracks.includes(track));

for (const step of Object.keys(steps)) {
  test(`${step}: objects go through the recorded states in the recorded order`, () => {
    const alike = (tracks: Tracks | undefined): Tracks =>
      Object.fromEntries(Object.entries(tracks ?? {}).filter(([track]) => !explained(step, track)));
    expect(alike(seen[step])).toEqual(alike(recorded[step]));
  });
}

test('right after a deletion the volume is still healthy, then degraded, then healthy', () => {
  for (const tracks of [recorded['rebuild'], seen['rebuild']]) {
    expect(tracks?.['volume']).toEqual(['attached healthy', 'attached degraded', 'attached healthy']);
    expect(tracks?.['replica 1']).toEqual([
      'wants running, is running, healthy',
      'terminating wants running, is running, healthy',
      'gone',
    ]);
  }
});

/** Whether the states of `some` stand in `all` in the same order. */
function isPartOf(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const state of all) if (state === some[at]) at += 1;
  return at === some.length;
}

for (const { step, tracks, reason, seen: how } of differing) {
  for (const track of tracks) {
    test(`${step}: ${track} differs`, { annotation: { type: 'differs', description: reason } }, () => {
      const theirs = recorded[step]?.[track] ?? [];
      const ours = seen[step]?.[track] ?? [];
      if (how === 'more') expect(isPartOf(theirs, ours), `${theirs.join(' → ')} within ${ours.join(' → ')}`).toBe(true);
      else if (how === 'fewer')
        expect(isPartOf(ours, theirs), `${ours.join(' → ')} within ${theirs.join(' → ')}`).toBe(true);
      else expect(ours).toEqual(how);
    });
  }
}
