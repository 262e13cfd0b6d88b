import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@playwright/test';
import { execa } from 'execa';
import { verdictSchema } from '../../helpers/verdict/schema.ts';
import { generateAllure } from '../../reports/allure.ts';
import { junitTitleVariable, reportTitle } from '../../reports/report-title.ts';
import { rebuilt } from '../unit/verdict/histories.ts';
import { test as browserTest } from './browser.ts';

const title = reportTitle({ kind: 'embedded' });
const root = fileURLToPath(new URL('../..', import.meta.url));

interface SampleRun {
  readonly dir: string;
  readonly stdout: string;
  readonly exitCode: number | undefined;
  readonly jobSummary: string;
}

/** One run of the sample through the real runner and the real reporters, for all tests here. */
const test = browserTest.extend<object, { run: SampleRun }>({
  run: [
    async ({}, use) => {
      const dir = await mkdtemp(join(tmpdir(), 'run-reports-'));
      const env = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(PLAYWRIGHT|PW_|TEST_)/.test(name)),
      );
      const summaryPath = join(dir, 'job-summary.md');
      const { stdout, exitCode } = await execa(
        join(root, 'node_modules/.bin/playwright'),
        ['test', '--config', 'tests/reports/sample'],
        {
          cwd: root,
          reject: false,
          timeout: 100_000,
          extendEnv: false,
          env: {
            ...env,
            SAMPLE_RUN_DIR: dir,
            GITHUB_STEP_SUMMARY: summaryPath,
            GITHUB_ACTIONS: 'true',
            [junitTitleVariable]: title,
          },
        },
      );
      await generateAllure({
        resultsDir: join(dir, 'allure-results'),
        outDir: join(dir, 'allure'),
        title,
      });
      await use({ dir, stdout, exitCode, jobSummary: await readFile(summaryPath, 'utf8') });
      await rm(dir, { recursive: true });
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});

test('the run shows its steps with durations, the verdict, and ends with the counts', ({ run }) => {
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toMatch(/✓ One replica deleted, the rebuild proven {2}\d+/);
  // The passes ended as passes do; that they were wrong must be seen all the same.
  expect(run.stdout).toMatch(/✗ Passes after the rebuild {2}\S+ \w+ {2}chain-lacks-backing-image, \d+ MiB wrong/);
  expect(run.stdout).toContain('inconsistent: Rebuilt replica');
  const lines = run.stdout.trimEnd().split('\n');
  expect(lines.at(-1)).toBe('1 passed, 1 failed, 1 skipped');
  expect(lines.at(-2)).toMatch(/^skipped: .*premise: no V2 data engine$/);
  expect(run.stdout).not.toContain(String.fromCharCode(27));
});

test('beside each event log are its verdict and its drawings', async ({ run }) => {
  for (const image of ['raw', 'qcow2'] as const) {
    const dir = join(run.dir, image);
    const drawings = ['block-map-after.svg', 'block-map-before.svg', 'timeline.svg'];
    expect((await readdir(dir)).sort()).toEqual([...drawings, 'events.jsonl', 'verdict.json'].sort());
    const verdict = verdictSchema.parse(JSON.parse(await readFile(join(dir, 'verdict.json'), 'utf8')));
    expect(verdict).toMatchObject({ image, verdict: image === 'raw' ? 'inconsistent' : 'consistent' });
  }
});

test('JUnit has each test with its outcome', async ({ run }) => {
  const junit = await readFile(join(run.dir, 'junit.xml'), 'utf8');
  expect(junit).toMatch(/<testsuites [^>]*tests="3" failures="0" skipped="1" errors="1"/);
  expect(junit).toContain('inconsistent: Rebuilt replica');
});

test('every report says on its first page that the cluster is an embedded one', async ({ run, page }) => {
  for (const report of ['html', 'allure']) {
    await page.goto(`file://${join(run.dir, report, 'index.html')}`);
    await expect(page.getByText('EMBEDDED cluster, not a real one').first()).toBeVisible();
  }
  expect(await readFile(join(run.dir, 'junit.xml'), 'utf8')).toContain('EMBEDDED cluster, not a real one');
  expect(run.jobSummary).toContain('**embedded** cluster, not a real one');
});

test('the job summary has the verdict and the block map, and the job is annotated with the findings', ({ run }) => {
  expect(run.jobSummary).toContain('❌ inconsistent');
  expect(run.jobSummary).toContain('Block map after the rebuild, raw');
  expect(run.stdout).toMatch(/^::error title=inconsistent%2C raw image::Rebuilt replica/m);
});

test("Playwright's report shows the failure and the drawings", async ({ run, page, networkRequests }) => {
  await page.goto(`file://${join(run.dir, 'html', 'index.html')}`);
  await page.getByText('a volume from a raw image').first().click();
  await expect(page.getByText('inconsistent: Rebuilt replica').first()).toBeVisible();
  const drawings = page.locator('img[src$=".svg"]');
  await expect(drawings).toHaveCount(3);
  const widths = `[...document.querySelectorAll('img[src$=".svg"]')].map((image) => image.naturalWidth)`;
  await expect.poll(async () => Math.min(...(await page.evaluate<number[]>(widths)))).toBeGreaterThan(500);
  expect(networkRequests).toEqual([]);
});

test('the Allure report shows the verdict, the category, the issue, the seed, the steps and the drawings, and calls nobody', async ({
  run,
  page,
  networkRequests,
}) => {
  await page.goto(`file://${join(run.dir, 'allure', 'index.html')}`);
  await expect(page.getByText('Longhorn V2 consistency').first()).toBeVisible();
  await page.getByText('a volume from a raw image').first().click();
  await expect(page.getByText('Consistency violation').first()).toBeVisible();
  const link = page.getByRole('link', { name: 'longhorn/longhorn#10340' });
  await expect(link).toHaveAttribute('href', 'https://github.com/longhorn/longhorn/issues/10340');
  for (const words of [
    'seed-1',
    'embedded (not a real cluster)',
    rebuilt.replica,
    'Isolation: the rebuilt replica alone answers',
  ]) {
    await expect(page.getByText(words).first()).toBeVisible();
  }
  for (const name of ['block-map-before', 'block-map-after', 'timeline']) {
    await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
  }
  expect(networkRequests).toEqual([]);
});

test('a skipped premise and a violation fall into different categories of the Allure report', async ({ run, page }) => {
  await page.goto(`file://${join(run.dir, 'allure', 'index.html')}`);
  await page.getByText('Categories').first().click();
  await expect(page.getByText('Consistency violation').first()).toBeVisible();
  await expect(page.getByText('Inconclusive: a premise is missing').first()).toBeVisible();
  await expect(page.getByText('Infrastructure')).toHaveCount(0);
});
