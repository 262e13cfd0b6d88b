/** What Longhorn's own snapshot checksums can prove, and what they cannot. */
import { expect, test } from '@playwright/test';
import type { KubeClient } from '../../../helpers/kubernetes/client.ts';
import { checksumProblems, rehashSnapshots } from '../../../helpers/longhorn/snapshot-checksums.ts';
import type { ChecksummedSnapshot } from '../../../helpers/verdict/events.ts';

const hashed = (replica: string, change: Partial<ChecksummedSnapshot> = {}): ChecksummedSnapshot => ({
  replica,
  diskUuid: `disk of ${replica}`,
  snapshot: 'one',
  allocatedClusters: 3,
  stored: '11',
  recomputed: '11',
  object: '11',
  ...change,
});

const problemsOf = (...snapshots: ChecksummedSnapshot[]) =>
  checksumProblems(snapshots, 'c').map(({ problem, replica }) => `${problem} ${replica}`);

test('equal checksums on all replicas are no problem, stored or not yet', () => {
  expect(problemsOf(hashed('b'), hashed('c'))).toEqual([]);
  expect(problemsOf(hashed('b', { stored: '', object: '' }), hashed('c', { object: '' }))).toEqual([]);
});

test('a snapshot that is no longer what was hashed is told, by its lvol and by its object', () => {
  expect(problemsOf(hashed('b'), hashed('c', { stored: '22' }))).toEqual(['snapshot-checksum-stale c']);
  expect(problemsOf(hashed('b', { object: '22' }))).toEqual(['snapshot-checksum-stale b']);
});

test('replicas whose layers differ are told, at the rebuilt one', () => {
  const other = { stored: '22', recomputed: '22', object: '' };
  expect(problemsOf(hashed('c', other), hashed('b'))).toEqual(['snapshot-checksum-differs c']);
});

test('a checksum that could not be computed proves nothing', () => {
  expect(problemsOf(hashed('b'), hashed('c', { recomputed: '', stored: '22' }))).toEqual([]);
});

test('0 is the checksum of an empty layer; of any other it says nothing, also where all agree', () => {
  const zero = { stored: '0', recomputed: '0', object: '0' };
  expect(
    problemsOf(hashed('b', { ...zero, allocatedClusters: 0 }), hashed('c', { ...zero, allocatedClusters: 0 })),
  ).toEqual([]);
  expect(problemsOf(hashed('b', zero), hashed('c', zero))).toEqual([
    'snapshot-checksum-empty b',
    'snapshot-checksum-empty c',
  ]);
});

const snapshotLvol = {
  ...{ aliases: ['disk/vol-r-a-snap-one'], uuid: 'u1', block_size: 512, num_blocks: 4096 },
  driver_specific: {
    lvol: { lvol_store_uuid: 'd1', num_allocated_clusters: 3, snapshot: true, xattrs: { snapshot_checksum: '11' } },
  },
};

/** A cluster whose one instance manager answers a request to hash with that error. */
function clientRefusing(error: string): KubeClient {
  const pod = { metadata: { name: 'im' }, spec: {}, status: { phase: 'Running' } };
  const answer = (command: readonly string[]) =>
    command.includes('get')
      ? { exitCode: 0, stdout: JSON.stringify([snapshotLvol]), stderr: '' }
      : { exitCode: 1, stdout: '', stderr: error };
  return {
    signal: new AbortController().signal,
    list: () => Promise.resolve({ items: [pod] }),
    exec: () => (command: readonly string[]) => Promise.resolve(answer(command)),
  } as unknown as KubeClient;
}

const request = {
  namespace: 'ns',
  replicas: [{ replica: 'vol-r-a', nodeId: 'n', diskUuid: 'd1' }],
  objects: { one: '22' },
};

test('a snapshot that Longhorn is hashing itself is busy: nothing is said of it, and nothing is wrong', async () => {
  const found = await rehashSnapshots(clientRefusing('error response: Device or resource busy, "code": -16'), request);
  if (found.kind !== 'hashed') throw new Error(found.reason);
  expect(found.snapshots).toMatchObject([{ snapshot: 'one', stored: '11', recomputed: '', object: '22' }]);
  expect(checksumProblems(found.snapshots, undefined)).toEqual([]);
});

test('any other refusal to hash skips the comparison, with the words of the tool', async () => {
  const found = await rehashSnapshots(clientRefusing('error response: Input/output error'), request);
  expect(found).toMatchObject({ kind: 'skipped', reason: expect.stringContaining('Input/output error') });
});
