import { expect, test } from '@playwright/test';
import { imageOf, Rig } from './data-plane-rig.ts';

test('a replica that was stopped keeps its lvols until it is deleted with clean-up', async () => {
  const rig = await Rig.start();
  await rig.image('parrot', imageOf('parrot', 'd'), 1);
  await rig.replica('vol-r-a', 1, 4, { image: 'parrot' });
  const lvols = (): string[] =>
    [...rig.node(1).services.stores.values()].flatMap((store) => store.lvols().map(({ name }) => name));
  await rig.node(1).replicaDelete({ name: 'vol-r-a', cleanupRequired: false });
  expect(lvols()).toContain('vol-r-a');
  await rig.node(1).replicaDelete({ name: 'vol-r-a', cleanupRequired: true });
  expect(lvols()).toEqual([expect.stringMatching(/^bi-parrot-disk-/)]);
  await rig.close();
});
