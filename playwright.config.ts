import { defineConfig } from '@playwright/test';
import { optionsFromEnvironment } from './fixtures/options.ts';
import { runReporters } from './reports/playwright-reporters.ts';
import { reportTitle } from './reports/report-title.ts';

/**
 * One runner for everything: `scenario` is what a verdict is made of, the other projects test the tools themselves.
 * `scripts/verify.ts` runs `scenario` as a child process and passes the run's options in the environment.
 */
const runDir = process.env['VERIFIER_RUN_DIR'];

const target = optionsFromEnvironment()?.target;
const runTitle = target === undefined ? 'Longhorn V2 consistency' : reportTitle(target);

export default defineConfig({
  testDir: 'tests',
  outputDir: `${runDir ?? 'reports/out/tests'}/test-results`,
  ...(process.env['VERIFIER_LIFELINE'] === undefined ? {} : { globalSetup: './fixtures/lifeline.ts' }),
  forbidOnly: process.env['CI'] !== undefined,
  fullyParallel: false,
  workers: 2,
  // A retry that passes is the very defect this project looks for.
  retries: 0,
  failOnFlakyTests: true,
  reportSlowTests: null,
  timeout: 60_000,
  reporter:
    runDir === undefined
      ? [['list'], ['./reports/summary-line-reporter.ts']]
      : runReporters({ runDir, title: runTitle, shard: process.env['VERIFIER_SHARD'] }),
  projects: [
    { name: 'unit', testMatch: '**/tests/unit/**/*.test.ts', timeout: 180_000 },
    { name: 'contract', testMatch: '**/tests/contract/**/*.test.ts', timeout: 180_000 },
    { name: 'meta', testMatch: '**/tests/meta/**/*.test.ts', timeout: 900_000 },
    { name: 'faults', testMatch: '**/tests/faults/**/*.test.ts', timeout: 1_500_000 },
    { name: 'chaos', testMatch: '**/tests/chaos/**/*.test.ts', timeout: 900_000 },
    { name: 'host', testMatch: '**/tests/host/**/*.test.ts', timeout: 900_000 },
    { name: 'reports', testMatch: '**/tests/reports/**/*.test.ts', timeout: 300_000 },
    { name: 'scenario', testMatch: '*.spec.ts', timeout: 45 * 60_000 },
  ],
});
