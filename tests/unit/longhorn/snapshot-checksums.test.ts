/** What Longhorn's own snapshot checksums can prove, and what they cannot. */
import { expect, test } from '@playwright/test';
import { checksumProblems } from '../../../helpers/longhorn/snapshot-checksums.ts';
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
  expect(problemsOf(hashed('b', { ...zero, allocatedClusters: 0 }), hashed('c', { ...zero, allocatedClusters: 0 }))).toEqual([]);
  expect(problemsOf(hashed('b', zero), hashed('c', zero))).toEqual([
    'snapshot-checksum-empty b',
    'snapshot-checksum-empty c',
  ]);
});
