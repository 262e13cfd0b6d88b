import { expect, test } from '@playwright/test';
import { changedLvols } from '../../../helpers/longhorn/bystander-audit.ts';
import type { Lvol } from '../../../helpers/longhorn/lvol-parse.ts';

const diskUuid = '3ba0caff-2c77-4bda-8f23-ec4ea6f35f02';
const image = `bi-parrot-disk-${diskUuid}`;
const replicas = [{ replica: 'other-r-1', nodeId: 'node1', diskUuid }];

function lvol(name: string, change: Partial<Lvol> = {}): Lvol {
  return {
    name,
    uuid: `uuid of ${name}`,
    lvstoreName: 'disk1',
    lvstoreUuid: diskUuid,
    parent: null,
    allocatedClusters: 3,
    isSnapshot: true,
    isEsnapClone: false,
    sizeBytes: 2 ** 23,
    clones: [],
    ...change,
  };
}

const before = [
  lvol(image),
  lvol('other-r-1', { parent: 'other-r-1-snap-a' }),
  lvol('other-r-1-snap-a', { parent: image }),
  lvol('subject-r-1'),
  lvol('other-r-12'),
];
const changed = (name: string, change: Partial<Lvol>): Lvol[] =>
  before.map((candidate) => (candidate.name === name ? { ...candidate, ...change } : candidate));
const problemsOf = (now: readonly Lvol[]) =>
  changedLvols({ before, now, replicas }).map(({ problem, detail }) => `${problem}: ${detail}`);

test('nothing is said about lvols that are what they were, nor about those of other volumes', () => {
  expect(problemsOf(before)).toEqual([]);
  expect(problemsOf(before.filter(({ name }) => name !== 'subject-r-1' && name !== 'other-r-12'))).toEqual([]);
});

test('an image copy that was deleted and made again is not the one that was there', () => {
  expect(problemsOf(changed(image, { uuid: 'another' }))).toEqual([
    `backing-image-lvol-changed: ${image} is another lvol: UUID uuid of ${image} before, another now`,
  ]);
});

for (const { what, now, said } of [
  {
    what: 'a lost parent',
    now: changed('other-r-1-snap-a', { parent: null }),
    said: `hung on ${image} and hangs on nothing`,
  },
  {
    what: 'another size',
    now: changed('other-r-1', { sizeBytes: 2 ** 20 }),
    said: 'had 8388608 bytes and has 1048576',
  },
  { what: 'more clusters', now: changed('other-r-1', { allocatedClusters: 4 }), said: 'owned 3 clusters and owns 4' },
  { what: 'a deletion', now: before.filter(({ name }) => name !== 'other-r-1'), said: 'is gone from its disk' },
]) {
  test(`${what} of a bystander's lvol is told`, () => {
    expect(problemsOf(now)).toEqual([expect.stringMatching(/^bystander-lvol-changed: other-r-1/)]);
    expect(problemsOf(now)[0]).toContain(said);
  });
}
