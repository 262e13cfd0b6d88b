/** A target that dies with writes in flight: alone on a data plane, sound and with the faults that live on it. */
import { expect, test } from '@playwright/test';
import type { DataPlaneHooks } from '../../../embedded/faults/hooks.ts';
import { armFault, parseFaultRequest } from '../../../embedded/faults/request.ts';
import { imageOf, mebibyte, patterned, Rig, signal } from '../dataplane/data-plane-rig.ts';
import { VolumeClient } from '../dataplane/volume-client.ts';

const sizeMib = 8;
const old = patterned('old', 4096);
const now = patterned('now', 4096);
/** How long writes stay in flight: much longer than it takes to send all of them and to crash, on a busy machine too. */
const delayMs = 400;
const places = [0, 1, 2, 3].map((index) => index * mebibyte);

interface Crash {
  /** Of the writes in flight, by replica: how many of them are there. */
  readonly there: readonly number[];
  readonly neither: number;
  readonly acknowledged: number;
  /** The image as each replica's disk has it. */
  readonly imageBytes: readonly number[];
}

/** Writes to every place, then again on four connections, and lets node 1, with the engine alone, die when all were sent. */
async function crashUnder(faultHooks: DataPlaneHooks): Promise<Crash> {
  const second = signal<undefined>();
  let sent = 0;
  const hooks: DataPlaneHooks = {
    ...faultHooks,
    baseBdevWrite(request) {
      if (request.data !== undefined && now.equals(request.data) && ++sent === 2 * places.length) {
        second.resolve(undefined);
      }
      return faultHooks.baseBdevWrite?.(request) ?? { kind: 'apply' };
    },
  };
  const rig = await Rig.start({ hooks });
  for (const node of [2, 3]) await rig.image('parrot', imageOf('parrot', 'd--d'), node);
  const names = ['vol-r-b', 'vol-r-c'] as const;
  const addresses: Record<string, string> = {};
  for (const [index, name] of names.entries())
    addresses[name] = await rig.replica(name, index + 2, sizeMib, { image: 'parrot' });
  const uri = await rig.engine('vol', sizeMib, addresses);
  const clients = await Promise.all(places.map(() => VolumeClient.open(uri)));
  const writeEach = (content: Buffer): Promise<void>[] =>
    clients.map((client, index) => client.write(places[index] ?? 0, content));
  await Promise.all(writeEach(old));
  const writes = writeEach(now);
  const ends = Promise.allSettled(writes);
  await second.promise;
  await rig.node(1).crash();
  const acknowledged = (await ends).filter(({ status }) => status === 'fulfilled').length;
  const found = names.map((name, index) => rig.replicaContent(name, index + 2));
  const at = (content: Buffer, place: number): Buffer => content.subarray(place, place + old.length);
  const neither = found.flatMap((content) =>
    places.filter((place) => ![old, now].some((one) => one.equals(at(content, place)))),
  );
  const imageBytes = [2, 3].map((node) => {
    const lvols = [...rig.node(node).services.stores.values()].flatMap((store) => store.lvols());
    return lvols.find(({ name }) => name.startsWith('bi-'))?.sizeBytes ?? 0;
  });
  await rig.close();
  return {
    there: found.map((content) => places.filter((place) => now.equals(at(content, place))).length),
    neither: neither.length,
    acknowledged,
    imageBytes,
  };
}

test('without a fault, replicas are equal after a crash, and every place holds its old or its new version', async () => {
  const { there, neither } = await crashUnder({});
  expect(there[0]).toBe(there[1]);
  expect(neither).toBe(0);
});

test('FM47: writes in flight reach one replica and not the other, and the fault knows how many', async () => {
  const { hooks, liveness } = armFault(parseFaultRequest(`FM47:delay=${delayMs}`), 'seed');
  const { there, neither, acknowledged } = await crashUnder(hooks);
  expect([...there].sort()).toEqual([0, places.length]);
  expect([neither, acknowledged]).toEqual([0, 0]);
  expect(liveness.report().differences).toBe(places.length);
});

test('N3: some writes in flight are there and some are not, on both replicas alike', async () => {
  const { hooks, liveness } = armFault(parseFaultRequest(`N3:delay=${delayMs}`), 'seed');
  const { there, neither, acknowledged } = await crashUnder(hooks);
  expect(there).toEqual([places.length / 2, places.length / 2]);
  expect([neither, acknowledged]).toEqual([0, 0]);
  expect(liveness.report().examples[0]?.detail).toBe('2 writes in flight are there, 2 are not');
});

test('FM43: after a restart the image is as long as what it owns, on the node that restarted', async () => {
  const { hooks, liveness } = armFault(parseFaultRequest('FM43'), 'seed');
  const rig = await Rig.start({ hooks });
  for (const node of [2, 3]) await rig.image('parrot', imageOf('parrot', 'd--d'), node);
  await rig.node(2).crash();
  const sizes = [2, 3].map((node) =>
    [...rig.node(node).services.stores.values()].flatMap((store) =>
      store.lvols().map(({ sizeBytes }) => sizeBytes / mebibyte),
    ),
  );
  await rig.close();
  expect(sizes).toEqual([[2], [4]]);
  expect(liveness.report().changed).toEqual([{ replica: '', mibs: [3] }]);
});

test('after a crash the lvols are there, and a replica started again serves what it held', async () => {
  const rig = await Rig.start();
  await rig.image('parrot', imageOf('parrot', 'd--d'), 2);
  const uri = await rig.engine('vol', sizeMib, {
    'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' }),
  });
  const client = await VolumeClient.open(uri);
  await client.write(mebibyte, now);
  const before = rig.replicaContent('vol-r-b', 2);
  await rig.node(2).crash();
  expect(rig.node(2).replicaGet('vol-r-b')).toBeUndefined();
  await expect(client.write(0, now)).rejects.toThrow();
  expect(rig.node(1).engineGet('vol-e-0')?.replicaModes).toEqual({ 'vol-r-b': 'ERR' });
  await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' });
  expect(rig.replicaContent('vol-r-b', 2).equals(before)).toBe(true);
  await rig.close();
});
