import { expect, test } from '@playwright/test';
import { accountProblems, parseStores, unchangedStores } from '../../../helpers/longhorn/disk-accounts.ts';
import { hasAllListed, parseLvols } from '../../../helpers/longhorn/lvol-parse.ts';
import { recordedText } from './recorded.ts';

for (const release of ['1.8.0', '1.8.1']) {
  for (const moment of ['written', 'rebuilt']) {
    test(`what the real ${release} counts as used when ${moment} is what its lvols own, and a cluster more or less is told`, () => {
      const stores = parseStores(recordedText(`lvstores-${release}-${moment}.json`));
      const lvols = parseLvols(recordedText(`bdevs-${release}-${moment}.json`));
      expect(stores).toHaveLength(3);
      expect(accountProblems(stores, lvols)).toEqual([]);
      const [first, ...others] = stores;
      if (first === undefined) throw new Error('there are three');
      for (const usedClusters of [first.usedClusters - 1, first.usedClusters + 1]) {
        const problems = accountProblems([{ ...first, usedClusters }, ...others], lvols);
        expect(problems).toMatchObject([{ problem: 'disk-accounts-differ', replica: '', diskUuid: first.uuid }]);
        expect(problems[0]?.detail).toContain(`counts ${String(usedClusters)} clusters as used`);
      }
    });
  }
}

test('a disk that was written to between two looks is left out, and one with an lvol that has no bdev', () => {
  const [first, second] = parseStores(recordedText('lvstores-1.8.1-written.json'));
  if (first === undefined || second === undefined) throw new Error('there are three');
  expect(unchangedStores([first, second], [first, { ...second, usedClusters: 1 }])).toEqual([first]);
  const lvols = parseLvols(recordedText('bdevs-1.8.1-written.json'));
  const listed = (...names: string[]): string => JSON.stringify(names.map((name) => ({ alias: name })));
  expect(hasAllListed(lvols, listed('disk1/vol-r-a', 'disk2/vol-r-b'))).toBe(true);
  expect(hasAllListed(lvols, listed('disk1/vol-r-a', 'disk1/vol-r-lost'))).toBe(false);
});
