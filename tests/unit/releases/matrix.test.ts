import { expect, test } from '@playwright/test';
import { parseMatrixRequest } from '../../../scripts/matrix/request.ts';
import { makeRow, type MatrixRow, type RowSource } from '../../../scripts/matrix/row.ts';
import { exitCodeOf } from '../../../scripts/matrix/table.ts';
import { compareVersions } from '../../../scripts/matrix/version-order.ts';
import { combine } from '../../../helpers/verdict/combine.ts';
import { judge } from '../../../helpers/verdict/judge.ts';
import { knownLonghornVersions } from '../../../embedded/versions/profile.ts';
import { history } from '../verdict/histories.ts';

function row(change: Partial<RowSource> = {}): MatrixRow {
  return makeRow({
    version: '1.8.1',
    target: 'embedded',
    run: combine([judge(history())]),
    ended: { ended: 'exit code 0', outDir: 'out' },
    expected: undefined,
    durationMs: 1,
    replay: '',
    ...change,
  });
}

test('releases are ordered as they came out', () => {
  const known = [...knownLonghornVersions()];
  expect([...known].reverse().sort(compareVersions)).toEqual(known);
  expect(['1.10.0', '1.9.0', '1.9.0-rc10', '1.9.0-rc2', 'master'].sort(compareVersions)).toEqual([
    '1.9.0-rc2',
    '1.9.0-rc10',
    '1.9.0',
    '1.10.0',
    'master',
  ]);
});

test('a run that ended without a log, and a cluster with another release, are inconclusive', () => {
  const none = row({ run: undefined, ended: { ended: 'ended by SIGKILL', outDir: 'out' } });
  expect(none.verdict).toBe('inconclusive');
  expect(none.headline).toContain('ended by SIGKILL');
  const { runningVersion } = row();
  const other = row({ version: '1.11.2' });
  expect(runningVersion).not.toBe('1.11.2');
  expect(other.verdict).toBe('inconclusive');
  expect(other.headline).toContain('1.11.2 was asked for');
});

test('expectations decide the exit code where there are any, else the worst verdict does', () => {
  const version = row().runningVersion ?? '';
  const good = row({ version });
  expect(good.verdict).toBe('consistent');
  const unknown = row({ run: undefined });
  expect(exitCodeOf([good])).toBe(0);
  expect(exitCodeOf([good, unknown])).toBe(2);
  expect(exitCodeOf([good, { ...unknown, verdict: 'inconsistent' }])).toBe(1);
  expect(exitCodeOf([])).toBe(2);
  const expected = row({ version, expected: { verdict: 'consistent' } });
  expect(exitCodeOf([expected, row({ run: undefined, expected: { verdict: 'inconclusive' } })])).toBe(0);
  expect(exitCodeOf([expected, row({ run: undefined, expected: { verdict: 'consistent' } })])).toBe(1);
});

test('a verdict without the defect that it was expected to cite is not as expected', () => {
  const bad = combine([{ ...judge(history()), verdict: 'inconsistent' }]);
  const version = row().runningVersion ?? '';
  const cited = row({ version, run: bad, expected: { verdict: 'inconsistent', issue: 'longhorn/longhorn#10340' } });
  expect(cited.asExpected).toBe(false);
  expect(row({ version, run: bad, expected: { verdict: 'inconsistent' } }).asExpected).toBe(true);
});

test('all versions get one seed, and flags of verify are handed on', async () => {
  const request = await parseMatrixRequest(['--versions', '1.8.0,v1.8.1', '--size', '64Mi', '--image', 'raw']);
  expect(request.versions).toEqual(['1.8.0', '1.8.1']);
  expect(request.verifyFlags).toEqual(['--image', 'raw', '--size', '64Mi', '--seed', expect.stringMatching(/^\w{8}$/)]);
});

for (const { what, argv, says } of [
  { what: 'no versions', argv: [], says: /--versions is missing/ },
  { what: 'an unknown version', argv: ['--versions', '1.8.0,2.0.0'], says: /"2\.0\.0"/ },
  { what: 'a flag of verify that is wrong', argv: ['--versions', '1.8.0', '--size', '1Mi'], says: /too small/ },
  {
    what: 'an expectation that is none',
    argv: ['--versions', '1.8.0', '--expect', '1.8.0=fine'],
    says: /--expect wants/,
  },
  { what: 'an expectation of nothing', argv: ['--versions', '1.8.0', '--expect', '1.9.0=consistent'], says: /1\.9\.0/ },
  { what: 'a context with two releases', argv: ['--versions', '1.8.0,1.8.1', '--context', 'x'], says: /one release/ },
]) {
  test(`matrix refuses ${what} with one line`, async () => {
    await expect(parseMatrixRequest(argv)).rejects.toThrow(says);
  });
}
