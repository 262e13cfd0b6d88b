import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import { traps, trapsText } from '../../../scripts/faults/traps/all.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A suite as Playwright's JSON reporter lists it. */
interface ListedSuite {
  readonly file: string;
  readonly specs: readonly { readonly title: string }[];
  readonly suites?: readonly ListedSuite[];
}

/** `<file> <title>` of every test that Playwright finds in these files. */
async function testsIn(files: readonly string[]): Promise<Set<string>> {
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
  const { stdout } = await execa(process.execPath, [cli, 'test', '--list', '--reporter=json', ...files], {
    cwd: root,
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: '', PLAYWRIGHT_JSON_OUTPUT_NAME: '' },
  });
  const titles = ({ file, specs, suites = [] }: ListedSuite): string[] => [
    ...specs.map(({ title }) => `tests/${file} ${title}`),
    ...suites.flatMap(titles),
  ];
  return new Set((JSON.parse(stdout) as { suites: readonly ListedSuite[] }).suites.flatMap(titles));
}

test('every trap from T01 to T40 is there once, with a defence and a test', () => {
  const ids = Array.from({ length: 40 }, (_, index) => `T${String(index + 1).padStart(2, '0')}`);
  expect(traps.map(({ id }) => id)).toEqual(ids);
  expect(traps.filter(({ doneBy, shownBy }) => doneBy.length === 0 || shownBy.length === 0)).toEqual([]);
});

test('every file that is said to defend is there', () => {
  const missing = traps.flatMap(({ id, doneBy }) =>
    doneBy.filter((file) => !existsSync(join(root, file))).map((file) => `${id}: ${file}`),
  );
  expect(missing).toEqual([]);
});

test('every test that is said to show a defence is one that Playwright runs, under that title', async () => {
  const files = [...new Set(traps.flatMap(({ shownBy }) => shownBy.map(({ file }) => file)))];
  const known = await testsIn(files);
  const unknown = traps.flatMap(({ id, shownBy }) =>
    shownBy
      .filter(({ file, title }) => !known.has(`${file} ${title}`))
      .map(({ file, title }) => `${id}: ${file} ${title}`),
  );
  expect(unknown).toEqual([]);
});

test('a person reads each trap, its defence and its tests in few lines that fit a wide terminal', () => {
  const lines = trapsText().split('\n');
  expect(lines.filter((line) => /^T\d\d /.test(line))).toHaveLength(40);
  expect(lines.filter((line) => line.length > 150)).toEqual([]);
});
