/** A rebuild that ends half-way, and the next one: alone on a data plane, sound and with the fault that lives on it. */
import { expect, test } from '@playwright/test';
import type { DataPlaneHooks } from '../../../embedded/faults/hooks.ts';
import { armFault, parseFaultRequest } from '../../../embedded/faults/request.ts';
import { imageOf, mebibyte, patterned, Rig, until } from '../dataplane/data-plane-rig.ts';
import { VolumeClient } from '../dataplane/volume-client.ts';

const sizeMib = 8;
const engineName = 'vol-e-0';

/** Deletes the first replica that is rebuilt after some clusters, and rebuilds another. */
async function rebuiltAfterInterruption(faultHooks: DataPlaneHooks): Promise<{ equal: boolean; leftBehind: string[] }> {
  let copied = 0;
  const hooks: DataPlaneHooks = {
    ...faultHooks,
    event(event) {
      if (event.kind === 'cluster-copied') copied += 1;
      return faultHooks.event?.(event);
    },
  };
  const rig = await Rig.start({ hooks, copyPauseMs: 15 });
  for (const node of [2, 3]) await rig.image('parrot', imageOf('parrot', 'dddd'), node);
  const addresses = { 'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' }) };
  const client = await VolumeClient.open(await rig.engine('vol', sizeMib, addresses));
  for (let cluster = 0; cluster < sizeMib; cluster++) {
    await client.write(cluster * mebibyte + 4096, patterned(`${cluster}`, 8192));
  }
  const half = await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' });
  await rig.node(1).engineReplicaAdd({ engineName, replicaName: 'vol-r-c', address: half });
  await until(() => copied >= 3, 'three copied clusters');
  await rig.node(3).replicaDelete({ name: 'vol-r-c', cleanupRequired: true });
  await rig.node(1).engineReplicaDelete({ engineName, replicaName: 'vol-r-c', address: half });
  await until(() => rig.node(1).engines.get(engineName)?.running.size === 0, 'the end of the interrupted rebuild');
  await rig.rebuild('vol', 'vol-r-d', await rig.replica('vol-r-d', 3, sizeMib, { image: 'parrot' }));
  const equal = rig.replicaContent('vol-r-d', 3).equals(rig.replicaContent('vol-r-b', 2));
  const leftBehind = [...rig.node(3).services.stores.values()]
    .flatMap((store) => store.lvols().map(({ name }) => name))
    .filter((name) => name.startsWith('vol-r-c') || name.endsWith('-rebuilding'));
  await rig.close();
  return { equal, leftBehind };
}

test('the rebuild after an interrupted one is whole, and nothing of the interrupted one is left', async () => {
  expect(await rebuiltAfterInterruption({})).toEqual({ equal: true, leftBehind: [] });
});

test('FM27: the next rebuild leaves out what the interrupted one had copied, and the fault says so', async () => {
  const { hooks, liveness } = armFault(parseFaultRequest('FM27'), 'seed');
  expect(await rebuiltAfterInterruption(hooks)).toEqual({ equal: false, leftBehind: [] });
  expect(liveness.report().differences).toBeGreaterThanOrEqual(3);
});
