import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ReporterDescription } from '@playwright/test';
import { execa } from 'execa';
import { verdictListener } from './allure-verdict.ts';

/**
 * How failures sort. The scenario's last word begins with the verdict's name, so `inconsistent` in a message is a
 * violation and `inconclusive` a missing premise; anything else is neither: the tools or the cluster broke.
 */
const categories = [
  {
    name: 'Consistency violation',
    messageRegex: '^[\\s\\S]*\\binconsistent\\b[\\s\\S]*$',
    matchedStatuses: ['failed', 'broken'],
  },
  {
    name: 'Inconclusive: a premise is missing',
    messageRegex: '^(?![\\s\\S]*\\binconsistent\\b)[\\s\\S]*(\\binconclusive\\b|\\b[Pp]remise\\b)[\\s\\S]*$',
    matchedStatuses: ['failed', 'broken', 'skipped'],
  },
  {
    name: 'Infrastructure',
    messageRegex: '^(?![\\s\\S]*(\\binconsistent\\b|\\binconclusive\\b|\\b[Pp]remise\\b))[\\s\\S]*$',
    matchedStatuses: ['failed', 'broken'],
  },
] as const;

export interface AllureReporterOptions {
  /** Where the event logs are; results go to its `allure-results`. */
  readonly runDir: string;
  /** Shown on the report's front page. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The allure-playwright reporter: steps without the noise of single expectations, and what the verdict adds. */
export function allureReporter({ runDir, environment }: AllureReporterOptions): ReporterDescription {
  const options = {
    resultsDir: join(runDir, 'allure-results'),
    detail: false,
    listeners: [verdictListener({ runDir })],
    suiteTitle: true,
    environmentInfo: { ...environment },
  };
  return ['allure-playwright', options];
}

export interface GenerateAllureOptions {
  /** What allure-playwright wrote. */
  readonly resultsDir: string;
  /** Heads the report. */
  readonly title: string;
  /** Replaced; gets one self-contained `index.html`. */
  readonly outDir: string;
}

/**
 * Generates the report with the npm `allure` CLI (no Java) and returns the path of its page, or null when there are no
 * results to show. The page loads nothing from anywhere. Rejects with the CLI's own words when it fails.
 */
export async function generateAllure({ resultsDir, outDir, title }: GenerateAllureOptions): Promise<string | null> {
  const configPath = join(dirname(outDir), 'allurerc.json');
  const page = join(outDir, 'index.html');
  await mkdir(dirname(outDir), { recursive: true });
  await rm(outDir, { recursive: true, force: true });
  await writeFile(configPath, JSON.stringify(allureConfig(title, outDir)));
  try {
    const { exitCode, stderr, stdout } = await execa(
      'allure',
      ['generate', '--config', configPath, '--output', outDir, resultsDir],
      {
        preferLocal: true,
        localDir: import.meta.dirname,
        reject: false,
        timeout: 120_000,
        env: { ALLURE_NO_ANALYTICS: 'true' },
      },
    );
    if (stderr.includes('No test results directories found')) return null;
    if (exitCode !== 0) throw new Error(`allure generate ended with ${String(exitCode)}: ${stderr || stdout}`);
  } finally {
    await rm(configPath, { force: true });
  }
  await writeFile(page, withoutAnalytics(await readFile(page, 'utf8')));
  return page;
}

function allureConfig(name: string, output: string): Record<string, unknown> {
  return {
    name,
    output,
    plugins: { awesome: { options: { singleFile: true, reportLanguage: 'en', groupBy: ['suite'] } } },
    categories,
  };
}

/**
 * Allure's default page loads a tag manager whatever ALLURE_NO_ANALYTICS says, which only its other plugins read
 * (@allurereport/plugin-awesome:dist/generators.js@3.18.0). A report of a run should not call anybody.
 */
function withoutAnalytics(html: string): string {
  return html
    .replace(/<script async src="https:\/\/www\.googletagmanager\.com\/[^"]*"><\/script>/g, '')
    .replace(/<script>\s*window\.dataLayer = [\s\S]*?<\/script>/g, '');
}
