import { expect, test } from '@playwright/test';
import { engines, snapshots } from '../../../helpers/longhorn/kinds.ts';
import { objectsOf, takerDifferences } from '../../../helpers/longhorn/snapshot-objects.ts';

const engine = (usercreated: Readonly<Record<string, boolean>>) =>
  engines.parse({
    metadata: { name: 'vol-e', namespace: 'longhorn-system', uid: 'u', resourceVersion: '1' },
    spec: {},
    status: {
      snapshots: {
        'volume-head': { name: 'volume-head', usercreated: false },
        ...Object.fromEntries(Object.entries(usercreated).map(([name, by]) => [name, { name, usercreated: by }])),
      },
    },
  });
const taken = new Set(['mine', 'deleted-since']);

test('an engine tells rightly who took its snapshots when ours are a user’s and all others are not', () => {
  expect(takerDifferences(engine({ mine: true, 'rebuild-1': false }), taken)).toEqual([]);
  expect(takerDifferences(engine({}), taken)).toEqual([]);
  expect(takerDifferences(undefined, taken)).toEqual([]);
});

test('a snapshot of ours that is called the system’s is told, and one of the system that is called a user’s', () => {
  expect(takerDifferences(engine({ mine: false, 'rebuild-1': true }), taken)).toEqual([
    'the engine says that snapshot mine was not taken by a user, and this run took it',
    'the engine says that snapshot rebuild-1 was taken by a user, and Longhorn took it',
  ]);
});

test('of an object’s parent and children those are read that are snapshots, or the head', () => {
  const object = (name: string, status: object) =>
    snapshots.parse({
      metadata: { name, namespace: 'longhorn-system', uid: name, resourceVersion: '1' },
      spec: { volume: 'vol' },
      status,
    });
  const oldest = object('oldest', {
    parent: 'bi-parrot-disk-x',
    children: { 'vol-r-a-clone-ep-x': true, newest: true },
  });
  const newest = object('newest', {
    parent: 'oldest',
    children: { 'volume-head': true },
    size: 7,
    creationTime: 'then',
  });
  expect(objectsOf([oldest, newest])).toEqual([
    { name: 'newest', parent: 'oldest', children: ['volume-head'], userCreated: false, sizeBytes: 7, takenAt: 'then' },
    { name: 'oldest', parent: '', children: ['newest'], userCreated: false, sizeBytes: 0, takenAt: '' },
  ]);
});
