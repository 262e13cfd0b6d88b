import { expect, test } from '@playwright/test';
import { auditLvols, type LvolAuditInput } from '../../../helpers/longhorn/lvol-audit.ts';
import { isBackingImageLvol, lvolKey } from '../../../helpers/longhorn/lvol-audit.ts';
import { markEsnapClones, parseLvols, type Lvol } from '../../../helpers/longhorn/lvol-parse.ts';
import { recordedText } from './recorded.ts';

const disks = {
  disk1: '3ba0caff-2c77-4bda-8f23-ec4ea6f35f02',
  disk2: 'f2943ea9-c775-4f0b-949f-0e4b0cc58b64',
  disk3: 'd850e2c5-a444-4b08-bbe6-d01886114765',
};
const onDisk = (replica: string, disk: keyof typeof disks) => ({
  replica,
  nodeId: 'node1',
  diskUuid: disks[disk],
  diskName: disk,
});

const recorded = (release: string, moment: string): Lvol[] =>
  parseLvols(recordedText(`bdevs-${release}-${moment}.json`));

function auditRebuilt(lvols: readonly Lvol[], change: Partial<LvolAuditInput> = {}) {
  return auditLvols({
    lvols,
    volume: 'vol',
    volumeSizeBytes: 500 * 2 ** 20,
    backingImage: 'parrot',
    replicas: [onDisk('vol-r-b', 'disk2'), onDisk('vol-r-c', 'disk3')],
    rebuilt: 'vol-r-c',
    ...change,
  });
}

function edited(lvols: readonly Lvol[], name: string, change: Partial<Lvol>): Lvol[] {
  expect(lvols.map((lvol) => lvol.name)).toContain(name);
  return lvols.map((lvol) => (lvol.name === name ? { ...lvol, ...change } : lvol));
}

test('what the real 1.8.0 left after a rebuild lacks the backing image on the rebuilt replica, and only there', () => {
  const { problems, chains } = auditRebuilt(recorded('1.8.0', 'rebuilt'));
  expect(problems).toMatchObject([{ problem: 'chain-lacks-backing-image', replica: 'vol-r-c', diskUuid: disks.disk3 }]);
  expect(problems[0]?.detail).toContain('vol-r-c-snap-snap-user-1 has no parent');
  expect(chains.map(({ chain }) => chain.length)).toEqual([4, 3]);
});

test('while snapshots come and go a lost backing image is still found, and replicas are not held against one another', () => {
  const moving = (lvols: readonly Lvol[]) => auditRebuilt(lvols, { snapshots: 'moving', snapshotObjects: [] }).problems;
  expect(moving(recorded('1.8.0', 'rebuilt')).map(({ problem }) => problem)).toEqual(['chain-lacks-backing-image']);
  const renamed = recorded('1.8.1', 'rebuilt').filter(({ name }) => name !== 'vol-r-b');
  expect(moving(renamed).map(({ problem, replica }) => [problem, replica])).toEqual([
    ['chain-lacks-backing-image', 'vol-r-b'],
  ]);
  expect(moving(recorded('1.8.1', 'rebuilt'))).toEqual([]);
});

test('what the real 1.8.1 left after a rebuild is sound', () => {
  expect(auditRebuilt(recorded('1.8.1', 'rebuilt')).problems).toEqual([]);
});

for (const release of ['1.8.0', '1.8.1']) {
  test(`before the rebuild ${release} is sound, and its images are the same afterwards`, () => {
    const before = recorded(release, 'written');
    const replicas = [onDisk('vol-r-a', 'disk1'), onDisk('vol-r-b', 'disk2')];
    expect(auditLvols({ ...baseInput(before), replicas }).problems).toEqual([]);
    const images = before.filter(isBackingImageLvol);
    const expected = new Set(images.map(lvolKey));
    const { problems } = auditRebuilt(recorded(release, 'rebuilt'), { earlier: { images, expected } });
    expect(problems.filter(({ problem }) => problem === 'backing-image-lvol-changed')).toEqual([]);
  });

  test(`while ${release} rebuilds, the new replica hangs on an external snapshot and an unfinished lvol lies beside it`, () => {
    const { problems } = auditRebuilt(recorded(release, 'rebuilding-WO'));
    expect(problems.map(({ problem, replica }) => `${problem} ${replica}`)).toEqual(
      expect.arrayContaining(['esnap-parent vol-r-c', 'left-behind vol-r-c']),
    );
  });
}

function baseInput(lvols: readonly Lvol[]): LvolAuditInput {
  return { lvols, volume: 'vol', volumeSizeBytes: 500 * 2 ** 20, backingImage: 'parrot', replicas: [] };
}

const sound = recorded('1.8.1', 'rebuilt');

const tampered: readonly { what: string; lvols: Lvol[]; problem: string; replica: string }[] = [
  {
    what: 'a chain that ends in the image of another disk',
    lvols: [
      ...edited(sound, 'vol-r-c-snap-snap-user-1', { parent: `bi-parrot-disk-${disks.disk2}` }),
      ...sound
        .filter(({ name }) => name === `bi-parrot-disk-${disks.disk2}`)
        .map((lvol) => ({ ...lvol, lvstoreUuid: disks.disk3 })),
    ],
    problem: 'foreign-backing-image',
    replica: 'vol-r-c',
  },
  {
    what: 'a chain that ends in an image whose name begins like the wanted one',
    lvols: [
      ...edited(sound, 'vol-r-c-snap-snap-user-1', { parent: `bi-parrot-2-disk-${disks.disk3}` }),
      ...sound
        .filter(({ name }) => name === `bi-parrot-disk-${disks.disk3}`)
        .map((lvol) => ({ ...lvol, name: `bi-parrot-2-disk-${disks.disk3}` })),
    ],
    problem: 'foreign-backing-image',
    replica: 'vol-r-c',
  },
  {
    what: 'a parent that is not on the disk',
    lvols: edited(sound, 'vol-r-c-snap-snap-user-1', { parent: 'bi-gone-disk-x' }),
    problem: 'chain-lacks-backing-image',
    replica: 'vol-r-c',
  },
  {
    what: 'a missing head',
    lvols: sound.filter(({ name }) => name !== 'vol-r-c'),
    problem: 'chain-lacks-backing-image',
    replica: 'vol-r-c',
  },
  {
    what: 'a snapshot that owns fewer clusters than on the source',
    lvols: edited(sound, 'vol-r-c-snap-snap-user-1', { allocatedClusters: 6 }),
    problem: 'allocation-differs',
    replica: 'vol-r-c',
  },
  {
    what: 'a head of another size',
    lvols: edited(sound, 'vol-r-c', { sizeBytes: 499 * 2 ** 20 }),
    problem: 'size-differs',
    replica: 'vol-r-c',
  },
  {
    what: 'a replica of the volume that no replica object names',
    lvols: [...sound, { ...(sound.find(({ name }) => name === 'vol-r-b') as Lvol), name: 'vol-r-a' }],
    problem: 'left-behind',
    replica: '',
  },
  {
    what: 'an expired head',
    lvols: [...sound, { ...(sound.find(({ name }) => name === 'vol-r-b') as Lvol), name: 'vol-r-b-expired-0123abcd' }],
    problem: 'left-behind',
    replica: 'vol-r-b',
  },
];

for (const { what, lvols, problem, replica } of tampered) {
  test(`the audit tells of ${what}`, () => {
    expect(auditRebuilt(lvols).problems).toContainEqual(expect.objectContaining({ problem, replica }));
  });
}

test('a snapshot that is missing in the middle shows as other names, told of the rebuilt replica', () => {
  const lvols = edited(
    sound.filter(({ name }) => !name.startsWith('vol-r-c-snap-rebuild-')),
    'vol-r-c',
    { parent: 'vol-r-c-snap-snap-user-1' },
  );
  expect(auditRebuilt(lvols).problems).toMatchObject([{ problem: 'snapshot-names-differ', replica: 'vol-r-c' }]);
});

test('of two replicas that differ neither is named when it is not known which was rebuilt, of three the one that is alone', () => {
  const lvols = edited(sound, 'vol-r-b', { allocatedClusters: 3 });
  const [b, c] = [onDisk('vol-r-b', 'disk2'), onDisk('vol-r-c', 'disk3')];
  const detail = 'vol-r-c: head vol-r-c owns 0 clusters, that of vol-r-b 3';
  const ofTwo = auditLvols({ ...baseInput(lvols), replicas: [b, c] }).problems;
  expect(ofTwo).toEqual([{ problem: 'allocation-differs', replica: '', diskUuid: '', detail }]);
  const third = lvols
    .filter(({ name, lvstoreUuid }) => lvstoreUuid === disks.disk3 && name.startsWith('vol-r-c'))
    .map((lvol) => ({
      ...lvol,
      name: lvol.name.replace('vol-r-c', 'vol-r-d'),
      parent: lvol.parent?.replace('vol-r-c', 'vol-r-d') ?? null,
    }));
  const ofThree = auditLvols({ ...baseInput([...lvols, ...third]), replicas: [b, c, onDisk('vol-r-d', 'disk3')] });
  expect(ofThree.problems).toMatchObject([
    { problem: 'allocation-differs', replica: 'vol-r-b', diskUuid: disks.disk2 },
  ]);
});

/** What the rebuild left below both heads, oldest first. */
const chainNames = [
  'snap-user-1',
  ...sound
    .filter(({ name }) => name.startsWith('vol-r-c-snap-rebuild-'))
    .map(({ name }) => name.slice('vol-r-c-snap-'.length)),
];
/** Objects of snapshots that hang on one another in that order. */
const objectsOf = (names: readonly string[]) =>
  names.map((name, index) => ({
    name,
    parent: names[index - 1] ?? '',
    children: [names[index + 1] ?? 'volume-head'],
    userCreated: name.startsWith('snap-user'),
    sizeBytes: (name === 'snap-user-1' ? 7 : 0) * 2 ** 20,
    takenAt: '2026-01-01T00:00:00Z',
  }));

test('snapshots on the disks are compared with the Snapshot objects by name', () => {
  const snapshotObjects = objectsOf(chainNames);
  expect(auditRebuilt(sound, { snapshotObjects }).problems).toEqual([]);
  expect(auditRebuilt(sound, { snapshotObjects: objectsOf(['snap-user-1']) }).problems).toMatchObject([
    { problem: 'snapshot-cr-mismatch', replica: 'vol-r-b' },
    { problem: 'snapshot-cr-mismatch', replica: 'vol-r-c' },
  ]);
});

test('an object that tells otherwise than the replicas where a snapshot hangs, how large, of when and whose it is, is told', () => {
  const snapshotTimestamp = '2026-01-01T00:00:00Z';
  const marked = sound.map((lvol) =>
    lvol.isSnapshot ? { ...lvol, userCreated: String(lvol.name.includes('user')), snapshotTimestamp } : lvol,
  );
  const snapshotObjects = objectsOf(chainNames);
  expect(auditRebuilt(marked, { snapshotObjects }).problems).toEqual([]);
  const lying = (change: Partial<(typeof snapshotObjects)[number]>) =>
    auditRebuilt(marked, {
      snapshotObjects: snapshotObjects.map((object, index) => (index === 1 ? { ...object, ...change } : object)),
    }).problems;
  expect(lying({ parent: '' })).toMatchObject([
    { problem: 'snapshot-cr-mismatch', replica: 'vol-r-b' },
    { problem: 'snapshot-cr-mismatch', replica: 'vol-r-c' },
  ]);
  expect(lying({ parent: '' })[0]?.detail).toContain('hangs on snap-user-1, its Snapshot object says on no snapshot');
  expect(lying({ userCreated: true })[0]?.detail).toContain('has user_created false, its Snapshot object says true');
  expect(lying({ children: [] })[0]?.detail).toContain('has on it volume-head, its Snapshot object says nothing');
  expect(lying({ sizeBytes: 1048576 })[0]?.detail).toContain('owns bytes: 0, its Snapshot object says 1048576');
  expect(lying({ takenAt: '1970-01-01T00:00:00Z' })[0]?.detail).toContain(
    'has snapshot_timestamp 2026-01-01T00:00:00Z, its Snapshot object says 1970-01-01T00:00:00Z',
  );
});

for (const { what, change } of [
  { what: 'who took a snapshot', change: { userCreated: 'true' } },
  { what: 'when it was taken', change: { snapshotTimestamp: '2026-01-02T00:00:00Z' } },
]) {
  test(`a rebuilt replica that says otherwise than its source ${what} is told`, () => {
    const marks = { userCreated: 'false', snapshotTimestamp: '2026-01-01T00:00:00Z' };
    const marked = sound.map((lvol) => (lvol.isSnapshot ? { ...lvol, ...marks } : lvol));
    expect(auditRebuilt(marked).problems).toEqual([]);
    const changed = edited(marked, 'vol-r-c-snap-snap-user-1', change);
    expect(auditRebuilt(changed).problems).toMatchObject([
      { problem: 'snapshot-attributes-differ', replica: 'vol-r-c' },
    ]);
  });
}

test('heads own as many clusters, but where a crash left a write in flight on some of them', () => {
  const [head] = sound.filter(({ name }) => name === 'vol-r-c');
  const lvols = edited(sound, 'vol-r-c', { allocatedClusters: (head?.allocatedClusters ?? 0) + 1 });
  expect(auditRebuilt(lvols).problems).toMatchObject([{ problem: 'allocation-differs', replica: 'vol-r-c' }]);
  expect(auditRebuilt(lvols, { headsMayDiffer: true }).problems).toEqual([]);
});

test('an image of another volume that a rebuild deletes is told, unless it was not wanted any more', () => {
  const other = sound.find(({ name }) => name === `bi-parrot-disk-${disks.disk1}`) as Lvol;
  const bystander = { ...other, name: `bi-cat-disk-${disks.disk3}`, lvstoreUuid: disks.disk3 };
  const wanted = { images: [bystander], expected: new Set([lvolKey(bystander)]) };
  expect(auditRebuilt(sound, { earlier: wanted }).problems).toMatchObject([
    {
      problem: 'backing-image-lvol-changed',
      diskUuid: disks.disk3,
      detail: expect.stringContaining('is gone') as unknown,
    },
  ]);
  expect(auditRebuilt(sound, { earlier: { images: [bystander], expected: new Set() } }).problems).toEqual([]);
});

test('lvols of other volumes whose names begin alike are no concern of the audit', () => {
  const other = { ...(sound.find(({ name }) => name === 'vol-r-b') as Lvol), name: 'vol-2-r-0123abcd' };
  expect(auditRebuilt([...sound, other]).problems).toEqual([]);
});

test('a head that reads from another node is known by the list of its lvstore, which alone tells', () => {
  const bdev = (name: string) => ({
    aliases: [`disk3/${name}`],
    block_size: 512,
    num_blocks: 2048,
    driver_specific: { lvol: { lvol_store_uuid: 'd850e2c5', snapshot: false, clone: false } },
  });
  const lvols = parseLvols(JSON.stringify([bdev('vol-r-c'), bdev('vol-r-d')]));
  expect(lvols.map(({ isEsnapClone }) => isEsnapClone)).toEqual([false, false]);
  const listed = [
    { alias: 'disk3/vol-r-c', name: 'vol-r-c', is_clone: false, is_esnap_clone: true },
    { alias: 'disk3/vol-r-d', name: 'vol-r-d', is_clone: false, is_esnap_clone: false },
  ];
  const marked = markEsnapClones(lvols, JSON.stringify(listed));
  expect(marked.map(({ name, isEsnapClone }) => [name, isEsnapClone])).toEqual([
    ['vol-r-c', true],
    ['vol-r-d', false],
  ]);
});

/** A snapshot beside the head's chain, as a revert leaves it, on both replicas. */
function branched(change: Partial<Lvol> = {}): Lvol[] {
  const beside = ['vol-r-b', 'vol-r-c'].flatMap((replica) => {
    const like = sound.find(({ name }) => name === `${replica}-snap-snap-user-1`);
    if (like === undefined) throw new Error(`no snapshot of ${replica}`);
    return [{ ...like, name: `${replica}-snap-other`, parent: like.name, allocatedClusters: 3 }];
  });
  const [ofSource, ofRebuilt] = beside;
  if (ofSource === undefined || ofRebuilt === undefined) throw new Error('there are two replicas');
  return [...sound, ofSource, { ...ofRebuilt, ...change }];
}

for (const { what, change, problem } of [
  {
    what: 'hangs on another one',
    change: { parent: `bi-parrot-disk-${disks.disk3}` },
    problem: 'snapshot-parent-differs',
  },
  { what: 'owns more clusters', change: { allocatedClusters: 4 }, problem: 'allocation-differs' },
  { what: 'has another name', change: { name: 'vol-r-c-snap-another' }, problem: 'snapshot-names-differ' },
]) {
  test(`a snapshot on another branch than the head's that ${what} is told of the rebuilt replica`, () => {
    expect(auditRebuilt(branched()).problems).toEqual([]);
    expect(auditRebuilt(branched(change)).problems).toMatchObject([{ problem, replica: 'vol-r-c' }]);
  });
}

test('a snapshot on another branch has its object too', () => {
  const chain = objectsOf(chainNames).map((object) =>
    object.name === 'snap-user-1' ? { ...object, children: ['other', ...object.children] } : object,
  );
  const takenAt = '2026-01-01T00:00:00Z';
  const other = {
    name: 'other',
    parent: 'snap-user-1',
    children: [],
    userCreated: true,
    sizeBytes: 3 * 2 ** 20,
    takenAt,
  };
  expect(auditRebuilt(branched(), { snapshotObjects: [...chain, other] }).problems).toEqual([]);
  expect(auditRebuilt(branched(), { snapshotObjects: chain }).problems).toMatchObject([
    { problem: 'snapshot-cr-mismatch', replica: 'vol-r-b' },
    { problem: 'snapshot-cr-mismatch', replica: 'vol-r-c' },
  ]);
});
