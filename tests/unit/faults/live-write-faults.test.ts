/** Each fault that needs writes or reads while a replica is rebuilt, alone on a data plane, under two connections. */
import { EventEmitter, once } from 'node:events';
import { expect, test } from '@playwright/test';
import type { DataPlaneHooks } from '../../../embedded/faults/hooks.ts';
import type { LivenessReport } from '../../../embedded/faults/liveness.ts';
import { armFault, parseFaultRequest } from '../../../embedded/faults/request.ts';
import { imageOf, mebibyte, patterned, Rig } from '../dataplane/data-plane-rig.ts';
import { VolumeClient } from '../dataplane/volume-client.ts';

const sizeMib = 8;
// Cluster 0 and 3 only the image has before the rebuild, 1 and 2 are written in part over it, 5 over nothing.
const image = imageOf('parrot', 'dddd');
const blockBytes = 4096;
const blockAt = (block: number): number => (block % sizeMib) * mebibyte + 16 * blockBytes * (1 + (block >> 3));

interface Outcome {
  /** Blocks that are not what was acknowledged last, on the replica that was there and on the one rebuilt. */
  readonly staleOnSource: number;
  readonly staleOnRebuilt: number;
  /** Bytes besides those blocks in which the rebuilt replica is not what the source is. */
  readonly otherwiseDifferent: boolean;
  readonly wrongReads: number;
  readonly report: LivenessReport | undefined;
}

/** Writes 32 blocks again and again, and reads each after its write, from before the rebuild until it is done. */
async function rebuiltUnder(request: string | undefined): Promise<Outcome> {
  const armed = request === undefined ? undefined : armFault(parseFaultRequest(request), 'seed');
  const hooks: DataPlaneHooks = armed?.hooks ?? {};
  const rig = await Rig.start({ hooks, copyPauseMs: 15 });
  for (const node of [1, 2, 3]) await rig.image('parrot', image, node);
  const uri = await rig.engine('vol', sizeMib, {
    'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' }),
  });
  const clients = [await VolumeClient.open(uri), await VolumeClient.open(uri)];
  await clients[0]?.write(mebibyte + 4096, patterned('first', 8192));
  await clients[0]?.write(2 * mebibyte, patterned('half', mebibyte / 2));
  await clients[0]?.write(5 * mebibyte, patterned('second', mebibyte));
  let more = true;
  let wrongReads = 0;
  const last = new Map<number, Buffer>();
  const write = async (client: VolumeClient, parity: number): Promise<void> => {
    for (let turn = 0; more; turn++) {
      const block = (2 * turn + parity) % 32;
      const content = patterned(`${block}/${turn}`, blockBytes);
      await client.write(blockAt(block), content);
      last.set(block, content);
      if (!(await client.read(blockAt(block), blockBytes)).equals(content)) wrongReads += 1;
      const [at, around] = [blockAt(block) + blockBytes, await client.read(blockAt(block) + blockBytes, blockBytes)];
      const inImage = at < image.length && block % sizeMib !== 1 && block % sizeMib !== 2;
      if (inImage && !around.equals(image.subarray(at, at + blockBytes))) wrongReads += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const writers = clients.map((client, parity) => write(client, parity));
  await rig.rebuild('vol', 'vol-r-c', await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' }));
  more = false;
  await Promise.all(writers);
  const [source, rebuilt] = [rig.replicaContent('vol-r-b', 2), rig.replicaContent('vol-r-c', 3)];
  const stale = (content: Buffer): number =>
    [...last].filter(
      ([block, written]) => !content.subarray(blockAt(block), blockAt(block) + blockBytes).equals(written),
    ).length;
  const [staleOnSource, staleOnRebuilt] = [stale(source), stale(rebuilt)];
  for (const content of [source, rebuilt])
    for (const block of last.keys()) content.fill(0, blockAt(block), blockAt(block) + blockBytes);
  await rig.close();
  return {
    staleOnSource,
    staleOnRebuilt,
    otherwiseDifferent: !source.equals(rebuilt),
    wrongReads,
    report: armed?.liveness.report(),
  };
}

test('without a fault, a rebuild under two connections loses nothing and no read is wrong', async () => {
  const { report: _report, ...outcome } = await rebuiltUnder(undefined);
  expect(outcome).toEqual({ staleOnSource: 0, staleOnRebuilt: 0, otherwiseDifferent: false, wrongReads: 0 });
});

for (const { request, what } of [
  { request: 'FM25', what: 'just before the end' },
  { request: 'FM29', what: 'while it joins' },
  { request: 'FM34', what: 'of one connection' },
]) {
  test(`${request}: the rebuilt replica misses writes ${what}, and the fault knows it`, async () => {
    const { staleOnSource, staleOnRebuilt, otherwiseDifferent, report } = await rebuiltUnder(request);
    expect(staleOnSource).toBe(0);
    expect(staleOnRebuilt + Number(otherwiseDifferent)).toBeGreaterThan(0);
    expect(report?.differences).toBeGreaterThan(0);
  });
}

test('FM30: clusters of the rebuilt replica are as old as the snapshot that was copied over them', async () => {
  const { hooks, liveness } = armFault(parseFaultRequest('FM30'), 'seed');
  const moments = new EventEmitter();
  const joined = once(moments, 'joined');
  const written = once(moments, 'written');
  const rebuildStep: DataPlaneHooks['rebuildStep'] = async (step, context) => {
    const decision = await hooks.rebuildStep?.(step, context);
    if (step !== 'shallow-copy') return decision ?? 'run';
    moments.emit('joined');
    await written;
    return decision ?? 'run';
  };
  const rig = await Rig.start({ hooks: { ...hooks, rebuildStep } });
  for (const node of [2, 3]) await rig.image('parrot', image, node);
  const addresses = { 'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' }) };
  const client = await VolumeClient.open(await rig.engine('vol', sizeMib, addresses));
  await client.write(mebibyte, patterned('before', mebibyte));
  const rebuilt = rig.rebuild('vol', 'vol-r-c', await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' }));
  // The new replica takes writes, and nothing has been copied yet.
  await joined;
  await client.write(mebibyte + 4096, patterned('meanwhile', 4096));
  moments.emit('written');
  await rebuilt;
  const contentOf = (replica: string, node: number): Buffer =>
    rig.replicaContent(replica, node).subarray(mebibyte + 4096, mebibyte + 8192);
  expect(contentOf('vol-r-b', 2)).toEqual(patterned('meanwhile', 4096));
  expect(contentOf('vol-r-c', 3)).toEqual(patterned('before', mebibyte).subarray(4096, 8192));
  expect(liveness.report().examples[0]?.detail).toContain('as it was when the rebuild began');
  await rig.close();
});

test('FM31: the rebuilt replica has zeros round small writes, and nothing that was written is lost', async () => {
  const { staleOnRebuilt, otherwiseDifferent, report } = await rebuiltUnder('FM31');
  expect(staleOnRebuilt).toBe(0);
  expect(otherwiseDifferent).toBe(true);
  expect(report?.differences).toBeGreaterThan(0);
});

test('FM44: reads are wrong during the rebuild only; the rebuilt replica ends up right', async () => {
  const { hooks, liveness } = armFault(parseFaultRequest('FM44'), 'seed');
  const rig = await Rig.start({ hooks, copyPauseMs: 15 });
  for (const node of [2, 3]) await rig.image('parrot', image, node);
  const addresses = { 'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' }) };
  const client = await VolumeClient.open(await rig.engine('vol', sizeMib, addresses));
  for (const cluster of [1, 5, 6]) await client.write(cluster * mebibyte, patterned(`in ${cluster}`, mebibyte));
  const truth = rig.replicaContent('vol-r-b', 2);
  const read = async (): Promise<boolean> => (await client.read(0, sizeMib * mebibyte)).equals(truth);
  const rebuilt = rig.rebuild('vol', 'vol-r-c', await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' }));
  const during: boolean[] = [];
  let over = false;
  void rebuilt.finally(() => (over = true));
  while (!over) during.push(await read());
  await rebuilt;
  expect(during).toContain(false);
  expect(await read()).toBe(true);
  expect(rig.replicaContent('vol-r-c', 3).equals(truth)).toBe(true);
  expect(liveness.report().differences).toBeGreaterThan(0);
  await rig.close();
});

for (const request of ['FM32', 'FM33']) {
  test(`${request}: one replica holds what is older, and the fault knows it`, async () => {
    const { staleOnSource, staleOnRebuilt, otherwiseDifferent, report } = await rebuiltUnder(request);
    expect(staleOnSource + staleOnRebuilt + Number(otherwiseDifferent)).toBeGreaterThan(0);
    expect(report?.differences).toBeGreaterThan(0);
  });
}
