import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReporterDescription } from '@playwright/test';
import { allureReporter } from './allure.ts';

export interface RunReportersOptions {
  readonly runDir: string;
  /** Heads every report: on which cluster, and whether that is the embedded one. */
  readonly title: string;
  /** Shown on the front page of the Allure report. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Number of the shard that this run is; its report can then be merged with those of the others. */
  readonly shard?: string | undefined;
}

/** The reporters of a scenario run; everything that they write is below `runDir`. */
export function runReporters(options: RunReportersOptions): ReporterDescription[] {
  const { runDir, title, environment = {}, shard } = options;
  const own = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  return [
    [own('progress-reporter.ts'), { runDir }],
    ['html', { outputFolder: join(runDir, 'html'), open: 'never', title }],
    ['junit', { outputFile: join(runDir, 'junit.xml'), includeProjectInTestName: true }],
    allureReporter({ runDir, environment }),
    [own('github-summary.ts'), { runDir }],
    ...blobReporter(runDir, shard),
  ];
}

function blobReporter(runDir: string, shard: string | undefined): ReporterDescription[] {
  if (shard === undefined) return [];
  return [['blob', { outputDir: join(runDir, 'blob-report'), fileName: `shard-${shard}.zip` }]];
}
