import { expect, test } from '@playwright/test';
import { readyForV2 } from '../../../helpers/longhorn/backing-image.ts';
import type { Disk } from '../../../helpers/longhorn/disks.ts';
import { backingImages } from '../../../helpers/longhorn/kinds.ts';
import { rebuildDeletesImagesOfNode } from '../../../helpers/longhorn/version.ts';
import { blockDisksFor } from '../../../helpers/longhorn/checks/storage.ts';

function image(status: object) {
  return backingImages.parse({
    metadata: { name: 'test-bi', namespace: 'longhorn-system', uid: 'u', resourceVersion: '1' },
    spec: { dataEngine: 'v2', minNumberOfCopies: 2 },
    status,
  });
}

const v2 = { dataEngine: 'v2', state: 'ready' };
const checksum = 'c'.repeat(128);
const ready = { v2FirstCopyStatus: 'ready', checksum, diskFileStatusMap: { a: v2, b: v2 } };

test('an image is ready when the first copy, all copies, and enough of them are, and nothing of V1 is left', () => {
  expect(readyForV2(image(ready)).state).toBe('met');
});

const notReady: readonly { what: string; status: object }[] = [
  { what: 'before any copy', status: {} },
  {
    what: 'when only the downloaded V1 file is ready',
    status: { checksum, diskFileStatusMap: { fs: { dataEngine: 'v1', state: 'ready' } } },
  },
  {
    what: 'while the V1 file is still beside the V2 copies',
    status: { ...ready, diskFileStatusMap: { a: v2, b: v2, fs: { dataEngine: 'v1', state: 'unknown' } } },
  },
  { what: 'with too few copies', status: { ...ready, diskFileStatusMap: { a: v2 } } },
  {
    what: 'while a copy is made',
    status: { ...ready, diskFileStatusMap: { a: v2, b: { dataEngine: 'v2', state: 'in-progress' } } },
  },
  { what: 'without a checksum', status: { ...ready, checksum: '' } },
  { what: 'while the first copy is being retried', status: { ...ready, v2FirstCopyStatus: 'pending' } },
];

for (const { what, status } of notReady) {
  test(`an image is not ready ${what}`, () => {
    expect(readyForV2(image(status)).state).toBe('pending');
  });
}

function blockDisk(uuid: string, unusable?: string): Disk {
  return { node: 'node1', key: `key-${uuid}`, uuid, name: `disk-${uuid}`, type: 'block', unusable };
}

function blockDisks(
  disks: readonly Disk[],
  softAntiAffinity = 'true',
  disksOfOneNode: 'lose their images' | 'keep their images' = 'keep their images',
) {
  const where = {
    longhornNamespace: 'longhorn-system',
    reach: { kubectl: 'kubectl --context c', flags: '', from: 'outside' },
  } as const;
  return blockDisksFor({ disks, replicaCount: 2, softAntiAffinity, disksOfOneNode, ...where });
}

test('two replicas need two usable block disks; one node with two of them will do', () => {
  expect(blockDisks([blockDisk('a'), blockDisk('b')])).toMatchObject({ state: 'ok' });
});

test('two disks of one node will not do while Longhorn keeps replicas off one another, and it says which setting', () => {
  const look = blockDisks([blockDisk('a'), blockDisk('b')], 'false');
  expect(look).toMatchObject({ state: 'missing', seen: expect.stringContaining('replica-soft-anti-affinity') });
});

test('up to 1.8.2 two disks of one node will not do, as a rebuild takes the images of one another; two nodes will', () => {
  const look = blockDisks([blockDisk('a'), blockDisk('b')], 'true', 'lose their images');
  expect(look).toMatchObject({ state: 'missing', seen: expect.stringContaining('longhorn/longhorn#10527') });
  const apart = [blockDisk('a'), { ...blockDisk('b'), node: 'node2' }];
  expect(blockDisks(apart, 'true', 'lose their images')).toMatchObject({ state: 'ok' });
});

for (const [tag, deletes] of [
  ['v1.8.0', true],
  ['v1.8.2', true],
  ['v1.9.0-rc2', false],
  ['v1.11.3', false],
  ['v1.8.x-head', false],
] as const) {
  test(`a rebuild of ${tag} ${deletes ? 'deletes' : 'leaves'} the images of other disks of its node, as far as its tag tells`, () => {
    const images = { 'instance-manager': `longhornio/longhorn-instance-manager:${tag}` };
    expect(rebuildDeletesImagesOfNode(images)).toBe(deletes);
  });
}

test('one block disk for two replicas is missing one, and it says why', () => {
  const look = blockDisks([blockDisk('a'), { ...blockDisk('f'), type: 'filesystem' }]);
  expect(look.state).toBe('missing');
  expect(look.seen).toMatch(/same disk.*10340 cannot show/);
});

const switchedOff: readonly { what: Disk['switchedOff']; typed: string }[] = [
  { what: 'cordoned node', typed: 'kubectl --context c uncordon node1' },
  {
    what: 'node',
    typed: `kubectl --context c -n longhorn-system patch nodes.longhorn.io node1 --type=merge -p '{"spec":{"allowScheduling":true}}'`,
  },
  {
    what: 'disk',
    typed: `kubectl --context c -n longhorn-system patch nodes.longhorn.io node1 --type=merge -p '{"spec":{"disks":{"key-b":{"allowScheduling":true}}}}'`,
  },
];

for (const { what, typed } of switchedOff) {
  test(`what is switched off by the ${String(what)} is switched on before anything is added`, () => {
    const off = { ...blockDisk('b', 'off'), ...(what === undefined ? {} : { switchedOff: what }) };
    const look = blockDisks([blockDisk('a'), off]);
    expect(look.state === 'missing' ? look.remedy[0] : look).toBe(typed);
  });
}

test('a disk that nothing can be placed on does not count, and is named', () => {
  const look = blockDisks([blockDisk('a'), blockDisk('b', 'Schedulable is False: too full')]);
  expect(look.state).toBe('missing');
  expect(look.seen).toContain('disk-b on node1: Schedulable is False: too full');
});
