import { defineConfig } from '@playwright/test';
import { runReporters } from '../../../reports/playwright-reporters.ts';
import { reportTitle } from '../../../reports/report-title.ts';

const runDir = process.env['SAMPLE_RUN_DIR'];
if (runDir === undefined) throw new Error('SAMPLE_RUN_DIR names the folder that the sample run reports into');

export default defineConfig({
  testDir: '.',
  testMatch: 'sample-run.ts',
  outputDir: `${runDir}/test-results`,
  workers: 1,
  projects: [{ name: 'scenario' }],
  reporter: [
    ...runReporters({
      runDir,
      title: reportTitle({ kind: 'embedded' }),
      environment: { Target: 'embedded', Longhorn: 'v1.8.0' },
    }),
    ['../../../reports/summary-line-reporter.ts'],
  ],
});
