import { expect, test } from '@playwright/test';
import { overlapPremise, victimsOnOneDisk } from '../../../helpers/longhorn/rebuild-overlap.ts';
import type { ReplicaPlacement } from '../../../helpers/verdict/events.ts';

const volume = (name: string, ...disks: string[]): ReplicaPlacement[] =>
  disks.map((diskUuid) => ({ replica: `${name}-on-${diskUuid}`, nodeId: `node-${diskUuid}`, diskUuid }));

test('every volume that has a replica on the disk that most share loses that one', () => {
  const volumes = [volume('a', 'x', 'y'), volume('b', 'z', 'y'), volume('c', 'x', 'z'), volume('d', 'y', 'x')];
  const ofDisk = (index: number) => victimsOnOneDisk(volumes, index).map(({ replica }) => replica);
  expect(ofDisk(0)).toEqual(['a-on-x', 'b-on-z', 'c-on-x', 'd-on-x']);
  expect(ofDisk(1)).toEqual(['a-on-y', 'b-on-y', 'c-on-z', 'd-on-y']);
});

test('how many rebuilds went on at once is counted where most did', () => {
  const spans = [
    { fromMs: 1000, toMs: 3000 },
    { fromMs: 2000, toMs: 2500 },
    { fromMs: 2600, toMs: 4000 },
    { fromMs: 3000, toMs: 5000 },
  ];
  expect(overlapPremise(spans)).toMatchObject({
    state: 'met',
    detail: expect.stringMatching(/^2 of 4 at once: volume 1 0\.0 s to 2\.0 s; /),
  });
});

test('rebuilds that followed one another, or that nobody saw, are no failure, and are said not to have overlapped', () => {
  const inTurn = [
    { fromMs: 0, toMs: 1000 },
    { fromMs: 1000, toMs: 1500 },
  ];
  expect(overlapPremise(inTurn)).toMatchObject({ state: 'met', detail: expect.stringContaining('none overlapped') });
  const { detail } = overlapPremise([undefined, { fromMs: 0, toMs: 1000 }]);
  expect(detail).toMatch(/^none overlapped.*: volume 1 not seen while it went on; volume 2 0\.0 s to 1\.0 s$/);
});
