import { join } from 'node:path';
import { execa } from 'execa';
import { imageReferences, installableVersions } from '../../scripts/cluster/longhorn/releases.ts';
import { longhornValues } from '../../scripts/cluster/longhorn/values.ts';
import { parseUp } from '../../scripts/cluster/request/up.ts';
import { lookForTool } from '../../scripts/cluster/host/tools.ts';
import { realWorld } from '../../scripts/cluster/host/world.ts';
import { expect, lastLine, test } from './machine.ts';

/** Charts by version below a directory, for a machine that cannot reach charts.longhorn.io. */
const ownCharts = process.env['VERIFIER_HOST_CHARTS'];

let missing: string | undefined;
test.beforeAll(async () => {
  const { signal } = new AbortController();
  const seen = await lookForTool(realWorld({ context: 'none', signal, progressOf: () => 'never' }), 'helm');
  if (seen.state !== 'done') {
    missing = `helm: ${seen.detail}`;
  } else if (ownCharts === undefined) {
    const repository = ['show', 'chart', 'longhorn', '--repo', 'https://charts.longhorn.io'];
    const shown = await execa('helm', repository, { reject: false, timeout: 60_000 });
    if (shown.failed) missing = `no chart of Longhorn: ${lastLine(shown.stderr) ?? shown.shortMessage}`;
  }
});
test.beforeEach(() => {
  test.skip(missing !== undefined, missing);
});

/** Release candidates are in the sources only. */
const published = installableVersions.filter((version) => ownCharts !== undefined || !version.includes('-'));

for (const registry of ['Docker Hub', 'registry.lab:5000/mirror'] as const) {
  test(`the chart of each release takes the values of cluster:up, and names the pinned images of ${registry} only`, async () => {
    const flags = registry === 'Docker Hub' ? [] : ['--registry', registry, '--pull-secret', 'lab'];
    for (const version of published) {
      const { request } = parseUp(['--longhorn', version, '--nodes', '2', ...flags]);
      const chart =
        ownCharts === undefined ? ['longhorn', '--repo', 'https://charts.longhorn.io'] : [join(ownCharts, version)];
      const rendered = await execa(
        'helm',
        ['template', 'longhorn', ...chart, '--version', version, '--namespace', 'longhorn-system', '--values', '-'],
        { input: longhornValues(request), reject: false },
      );
      expect.soft(rendered.stderr, version).toBe('');
      const images = [...rendered.stdout.matchAll(/[\w.:/-]*longhornio\/[\w.:/-]+/g)].map(([image]) => image);
      const withHost = (image: string): string => (image.startsWith('longhornio/') ? `docker.io/${image}` : image);
      const pinned = imageReferences(version, request.registry);
      expect.soft(new Set(images.map(withHost)), version).toEqual(new Set(pinned));
    }
  });
}
