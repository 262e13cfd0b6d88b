import { expect, test } from '@playwright/test';
import { actualSizeProblem } from '../../../helpers/longhorn/actual-size.ts';
import { volumes } from '../../../helpers/longhorn/kinds.ts';
import { parseLvols } from '../../../helpers/longhorn/lvol-parse.ts';
import { recordedText } from './recorded.ts';

const mib = 2 ** 20;
const lvols = parseLvols(recordedText('bdevs-1.8.1-rebuilt.json'));
const replicas = [
  { replica: 'vol-r-b', nodeId: 'node1', diskUuid: 'f2943ea9-c775-4f0b-949f-0e4b0cc58b64' },
  { replica: 'vol-r-c', nodeId: 'node1', diskUuid: 'd850e2c5-a444-4b08-bbe6-d01886114765' },
];
const volume = (actualSize: number) =>
  volumes.parse({
    metadata: { name: 'vol', namespace: 'longhorn-system', uid: 'u', resourceVersion: '1' },
    spec: { size: '524288000', numberOfReplicas: 2 },
    status: { actualSize },
  });
const owned = lvols
  .filter(({ name }) => name.startsWith('vol-r-b'))
  .reduce((sum, { allocatedClusters }) => sum + allocatedClusters, 0);

test('a volume tells what the heads and snapshots of its replicas own, not what their image does', () => {
  expect(owned).toBeGreaterThan(0);
  expect(actualSizeProblem(volume(owned * mib), { replicas, lvols })).toBeUndefined();
});

for (const wrong of [0, owned - 1, owned + 1, 2 * owned]) {
  test(`an actual size of ${String(wrong)} MiB is told, with what each replica owns`, () => {
    const found = actualSizeProblem(volume(wrong * mib), { replicas, lvols });
    expect(found).toMatchObject({ problem: 'actual-size-differs', replica: '', diskUuid: '' });
    expect(found?.detail).toBe(
      `status.actualSize of vol is ${String(wrong * mib)}, ` +
        `vol-r-b owns ${String(owned * mib)}, vol-r-c owns ${String(owned * mib)}`,
    );
  });
}
