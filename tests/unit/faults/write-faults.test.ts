/** Each fault of the write path, on two replicas: which of them holds what. */
import { expect, test } from '@playwright/test';
import { armFault, parseFaultRequest } from '../../../embedded/faults/request.ts';
import { imageOf, mebibyte, patterned, Rig } from '../dataplane/data-plane-rig.ts';
import { VolumeClient } from '../dataplane/volume-client.ts';

const sizeMib = 4;
const image = imageOf('parrot', 'd-d-');

interface Written {
  readonly truth: Buffer;
  readonly replicas: readonly Buffer[];
  readonly bytesNoted: boolean;
}

/** Two generations in one place, zeros over image data, a small write into a hole, and the last sector. */
async function writtenUnder(request: string): Promise<Written> {
  const { hooks, liveness } = armFault(parseFaultRequest(request), 'seed');
  const rig = await Rig.start({ hooks });
  for (const node of [1, 2]) await rig.image('parrot', image, node);
  const addresses = {
    'vol-r-a': await rig.replica('vol-r-a', 1, sizeMib, { image: 'parrot' }),
    'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' }),
  };
  const uri = await rig.engine('vol', sizeMib, addresses);
  const client = await VolumeClient.open(uri);
  const truth = Buffer.concat([image, Buffer.alloc((sizeMib - 4) * mebibyte)]);
  const write = async (offset: number, content: Buffer): Promise<void> => {
    await client.write(offset, content);
    content.copy(truth, offset);
  };
  await write(8192, patterned('older', 16384));
  await write(8192 + 4096, patterned('newer', 4096));
  await write(2 * mebibyte + 512, Buffer.alloc(9216));
  await write(mebibyte + 4096, patterned('in a hole', 4096));
  await write(sizeMib * mebibyte - 512, patterned('last', 512));
  // Two reads at a time reach both replicas: some faults count from what a reader got.
  const other = await VolumeClient.open(uri);
  for (let offset = 0; offset < truth.length; offset += mebibyte) {
    await Promise.all([client.read(offset, mebibyte), other.read(offset, mebibyte)]);
  }
  const replicas = [rig.replicaContent('vol-r-a', 1), rig.replicaContent('vol-r-b', 2)];
  await rig.close();
  return { truth, replicas, bytesNoted: liveness.report().examples.some(({ what }) => what === 'bytes') };
}

for (const { request, wrong } of [
  { request: 'FM05', wrong: 1 },
  { request: 'FM18', wrong: 2 },
  { request: 'FM32:when=count', wrong: 1 },
  { request: 'FM33:when=always', wrong: 1 },
  { request: 'FM33:replicas=all,when=always', wrong: 2 },
  { request: 'FM34:when=attach', wrong: 1 },
  { request: 'FM36:request=zeros', wrong: 2 },
  { request: 'FM40', wrong: 2 },
  { request: 'FM50', wrong: 2 },
]) {
  test(`${request}: ${String(wrong)} of two replicas hold something else than was written, and the fault says so`, async () => {
    const { truth, replicas, bytesNoted } = await writtenUnder(request);
    expect(replicas.filter((content) => !content.equals(truth))).toHaveLength(wrong);
    expect(bytesNoted).toBe(true);
  });
}

test('FM33 leaves the older write where a newer one was acknowledged', async () => {
  const { replicas } = await writtenUnder('FM33:replicas=all,when=always');
  const older = patterned('older', 16384).subarray(4096, 8192);
  for (const content of replicas) expect(content.subarray(12288, 16384).equals(older)).toBe(true);
});

test('FM18 shows other bytes on each disk', async () => {
  const { replicas } = await writtenUnder('FM18');
  const around = replicas.map((content) => content.subarray(mebibyte + 8192, 2 * mebibyte));
  expect(around[0]?.equals(around[1] ?? Buffer.alloc(0))).toBe(false);
});

for (const request of ['N1', 'N2', 'N7']) {
  test(`control ${request}: both replicas hold what was written`, async () => {
    const { truth, replicas } = await writtenUnder(request);
    for (const content of replicas) expect(content.equals(truth)).toBe(true);
  });
}
