/** The suite against an API that is at its worst. `npm run chaos` goes on with more seeds. */
import { expect, test as base } from '@playwright/test';
import { type EmbeddedProcess, startEmbeddedProcess } from '../../scripts/verify/embedded-process.ts';
import { ordeals } from './ordeals.ts';
import { runOrdeal } from './run-ordeal.ts';

const test = base.extend<object, { cluster: EmbeddedProcess }>({
  cluster: [
    async ({}, use) => {
      const cluster = await startEmbeddedProcess({ flags: ['--seed', 'chaos'], outlive: false });
      await use(cluster);
      await cluster.stop();
    },
    { scope: 'worker', timeout: 150_000 },
  ],
});

for (const ordeal of ordeals.filter(({ when }) => when === 'every test run')) {
  test(`${ordeal.name}: ${ordeal.what}`, async ({ cluster }, testInfo) => {
    const { kubeconfig: kubeconfigPath, context } = cluster;
    const outDir = testInfo.outputPath(ordeal.name);
    const result = await runOrdeal(ordeal, { seed: 'first', kubeconfigPath, context, outDir });
    expect(result.objections, JSON.stringify(result, null, 2)).toEqual([]);
    expect(
      Object.values(result.happened).some((times) => times > 0),
      'there was trouble at all',
    ).toBe(true);
    if (ordeal.act !== undefined) expect(result.happened['act'], 'the run lasted until then').toBe(1);
  });
}
