import { expect, test } from '@playwright/test';
import { engines } from '../../../helpers/longhorn/kinds.ts';
import { takerDifferences } from '../../../helpers/longhorn/snapshot-objects.ts';

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
