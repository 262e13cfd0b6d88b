import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PlaywrightReport } from './playwright-report.ts';

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve('@playwright/test/package.json')), 'cli.js');

/**
 * Runs unit tests in a child process and returns Playwright's JSON report, whether they passed or not.
 * @param files relative to tests/unit
 * @throws when Playwright ends without a report
 */
export async function runTests(files: readonly string[]): Promise<PlaywrightReport> {
  const directory = await mkdtemp(join(tmpdir(), 'fidelity-'));
  const output = join(directory, 'report.json');
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      const paths = files.map((file) => `tests/unit/${file}`);
      const child = spawn(process.execPath, [cli, 'test', '--project=unit', '--reporter=json', ...paths], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: output },
      });
      child.once('error', reject);
      child.once('exit', resolve);
    });
    const text = await readFile(output, 'utf8').catch((cause: unknown) => {
      throw new Error(
        `Playwright ended with ${String(exitCode)} and wrote no report; run it by hand: npx playwright test --project=unit`,
        { cause },
      );
    });
    return JSON.parse(text) as PlaywrightReport;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
