import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from '@playwright/test';
import { Lvstore } from '../../../embedded/dataplane/blobstore/lvstore.ts';
import type { LvolHooks } from '../../../embedded/faults/hooks.ts';
import { mebibyte, patterned } from './data-plane-rig.ts';
import type { Lvol } from '../../../embedded/dataplane/blobstore/lvol.ts';

const test = base.extend<{ store: Lvstore; storeWith: (hooks: LvolHooks) => Lvstore }>({
  storeWith: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'lvs-'));
    const made: Lvstore[] = [];
    await use((hooks) => {
      const store = new Lvstore({
        name: `disk${made.length}`,
        filePath: join(directory, `${made.length}.disk`),
        sizeBytes: 64 * mebibyte,
        blockBytes: 512,
        seed: 'lvol-test',
        timestamp: () => '2026-01-01T00:00:00Z',
        hooks,
      });
      made.push(store);
      return store;
    });
    for (const store of made) await store.remove();
    await rm(directory, { recursive: true });
  },
  store: async ({ storeWith }, use) => {
    await use(storeWith({}));
  },
});

const read = (lvol: Lvol, offset: number, length: number): Buffer => {
  const target = Buffer.alloc(length, 0xee);
  lvol.read(offset, target);
  return target;
};
const zeros = (length: number): Buffer => Buffer.alloc(length);

test('an lvol that was never written reads as zeros and owns nothing', ({ store }) => {
  const lvol = store.create('head', 4 * mebibyte);
  expect(read(lvol, 0, 4 * mebibyte).equals(zeros(4 * mebibyte))).toBe(true);
  expect(lvol.allocatedClusters).toBe(0);
  expect(store.file.freeClusters).toBe(store.file.totalClusters);
});

test('a write across a cluster edge lands in both clusters', ({ store }) => {
  const lvol = store.create('head', 4 * mebibyte);
  const data = patterned('edge', 8192);
  lvol.write(mebibyte - 4096, data);
  expect(read(lvol, mebibyte - 4096, 8192).equals(data)).toBe(true);
  expect(lvol.ownedClusters()).toEqual([0, 1]);
});

test('a read of an unallocated cluster falls through to the parent, cluster by cluster', ({ store }) => {
  const head = store.create('head', 3 * mebibyte);
  const old = patterned('old', 3 * mebibyte);
  head.write(0, old);
  store.snapshot(head, 'snap', {});
  const fresh = patterned('new', mebibyte);
  head.write(mebibyte, fresh);
  expect(head.ownedClusters()).toEqual([1]);
  expect(
    read(head, 0, 3 * mebibyte).equals(Buffer.concat([old.subarray(0, mebibyte), fresh, old.subarray(2 * mebibyte)])),
  ).toBe(true);
});

test('the first sub-cluster write copies the whole cluster from the parent', ({ store }) => {
  const head = store.create('head', 2 * mebibyte);
  const old = patterned('old', mebibyte);
  head.write(0, old);
  const snapshot = store.snapshot(head, 'snap', {});
  head.write(512, patterned('new', 512));
  store.detachParent(head);
  const expected = Buffer.from(old);
  patterned('new', 512).copy(expected, 512);
  expect(read(head, 0, mebibyte).equals(expected)).toBe(true);
  expect(snapshot.allocatedClusters).toBe(1);
});

test('a parent shorter than its clone reads as zeros past its end', ({ store }) => {
  const image = store.create('image', mebibyte);
  image.write(0, patterned('image', mebibyte));
  const frozen = store.snapshot(image, 'frozen', {});
  const clone = store.clone(frozen, 'clone');
  clone.resize(3 * mebibyte);
  expect(read(clone, 0, mebibyte).equals(patterned('image', mebibyte))).toBe(true);
  expect(read(clone, mebibyte, 2 * mebibyte).equals(zeros(2 * mebibyte))).toBe(true);
});

test('a cluster that had another owner is filled with zeros around a sub-cluster write', ({ store }) => {
  const tenant = store.create('tenant', mebibyte);
  tenant.write(0, patterned('tenant', mebibyte));
  store.delete(tenant);
  const next = store.create('next', mebibyte);
  next.write(4096, patterned('mine', 512));
  expect(read(next, 0, 4096).equals(zeros(4096))).toBe(true);
  expect(read(next, 4608, mebibyte - 4608).equals(zeros(mebibyte - 4608))).toBe(true);
});

test('without the zero-fill the former owner shows around a sub-cluster write', ({ storeWith }) => {
  const store = storeWith({ freshCluster: () => 'leave' });
  const tenant = store.create('tenant', mebibyte);
  tenant.write(0, patterned('tenant', mebibyte));
  store.delete(tenant);
  const next = store.create('next', mebibyte);
  next.write(4096, patterned('mine', 512));
  expect(read(next, 0, 4096).equals(patterned('tenant', mebibyte).subarray(0, 4096))).toBe(true);
});

test('zeros written over parent data hide it', ({ store }) => {
  const head = store.create('head', mebibyte);
  head.write(0, patterned('old', mebibyte));
  store.snapshot(head, 'snap', {});
  head.writeZeroes(8192, 4096);
  expect(read(head, 8192, 4096).equals(zeros(4096))).toBe(true);
  expect(read(head, 12288, 4096).equals(patterned('old', mebibyte).subarray(12288, 16384))).toBe(true);
});

test('unmap frees a whole cluster over the zeroes device and nothing else', ({ store }) => {
  const bottom = store.create('bottom', 3 * mebibyte);
  bottom.write(0, patterned('bottom', 3 * mebibyte));
  bottom.unmap(0, mebibyte);
  bottom.unmap(mebibyte, 4096);
  expect(bottom.ownedClusters()).toEqual([1, 2]);
  expect(read(bottom, 0, mebibyte).equals(zeros(mebibyte))).toBe(true);
  expect(
    read(bottom, mebibyte, mebibyte).equals(patterned('bottom', 3 * mebibyte).subarray(mebibyte, 2 * mebibyte)),
  ).toBe(true);

  store.snapshot(bottom, 'snap', {});
  bottom.write(mebibyte, patterned('top', mebibyte));
  bottom.unmap(mebibyte, mebibyte);
  expect(read(bottom, mebibyte, mebibyte).equals(patterned('top', mebibyte))).toBe(true);
});

test('deleting a snapshot with one clone merges what the clone does not own', ({ store }) => {
  const head = store.create('head', 3 * mebibyte);
  head.write(0, patterned('one', 2 * mebibyte));
  const snapshot = store.snapshot(head, 'snap', {});
  head.write(0, patterned('two', mebibyte));
  const before = read(head, 0, 3 * mebibyte);
  const free = store.file.freeClusters;
  store.delete(snapshot);
  expect(read(head, 0, 3 * mebibyte).equals(before)).toBe(true);
  expect(head.ownedClusters()).toEqual([0, 1]);
  expect(store.file.freeClusters).toBe(free + 1);
  expect(head.parent.kind).toBe('none');
});

test('a snapshot with several clones cannot be deleted', ({ store }) => {
  const head = store.create('head', mebibyte);
  const snapshot = store.snapshot(head, 'snap', {});
  store.clone(snapshot, 'branch');
  expect(() => {
    store.delete(snapshot);
  }).toThrow(/2 clones/);
});

test('a new parent changes only what the holes show', ({ store }) => {
  const [a, b] = ['a', 'b'].map((name) => {
    const lvol = store.create(name, 2 * mebibyte);
    lvol.write(0, patterned(name, 2 * mebibyte));
    return store.snapshot(lvol, `snap-${name}`, {});
  });
  if (a === undefined || b === undefined) throw new Error('two snapshots were made');
  const clone = store.clone(a, 'clone');
  clone.write(0, patterned('own', mebibyte));
  store.setParent(clone, b);
  expect(read(clone, 0, mebibyte).equals(patterned('own', mebibyte))).toBe(true);
  expect(read(clone, mebibyte, mebibyte).equals(patterned('b', 2 * mebibyte).subarray(mebibyte))).toBe(true);
  expect([...a.clones].map(({ name }) => name)).toEqual(['a']);
  expect([...b.clones].map(({ name }) => name)).toEqual(['b', 'clone']);
});

test('a clone of an external snapshot reads from the other disk until the connection is lost', ({ storeWith }) => {
  const [here, there] = [storeWith({}), storeWith({})];
  const remote = there.create('remote', 2 * mebibyte);
  remote.write(0, patterned('remote', 2 * mebibyte));
  let connected = true;
  const clone = here.cloneExternal(
    {
      bdevName: 'remoten1',
      bdevUuid: remote.uuid,
      lvol: () => {
        if (!connected) throw new Error('connection is lost');
        return remote;
      },
    },
    'clone',
  );
  clone.write(0, patterned('own', 512));
  expect(read(clone, 512, 512).equals(patterned('remote', 2 * mebibyte).subarray(512, 1024))).toBe(true);
  connected = false;
  expect(read(clone, 512, 512).equals(patterned('remote', 2 * mebibyte).subarray(512, 1024))).toBe(true);
  expect(() => read(clone, mebibyte, 512)).toThrow('connection is lost');
  expect(() => {
    clone.write(mebibyte, patterned('new', 512));
  }).toThrow('connection is lost');
  expect(clone.ownedClusters()).toEqual([0]);
});

test('a full disk refuses the write and says which one', ({ store }) => {
  const lvol = store.create('big', 64 * mebibyte);
  for (let cluster = 0; cluster < store.file.totalClusters; cluster++)
    lvol.write(cluster * mebibyte, patterned('x', 512));
  expect(() => {
    lvol.write(store.file.totalClusters * mebibyte, patterned('x', 512));
  }).toThrow(/no free cluster/);
});

test('the same seed gives the same uuids, another seed others', ({ store, storeWith }) => {
  const twin = storeWith({});
  expect(store.create('one', mebibyte).uuid).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(twin.create('one', mebibyte).uuid).not.toBe(store.get('one').uuid);
});
