import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { RunOptions } from '../../fixtures/run-options.ts';
import { junitTitleVariable, reportTitle } from '../../reports/report-title.ts';
import type { Story } from '../../helpers/eventlog/story.ts';
import { type Shard, storiesOfShard } from '../shards/shard.ts';

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve('@playwright/test/package.json')), 'cli.js');

/**
 * Runs the scenario under Playwright and returns its exit code. A first Ctrl-C lets the scenario undo what it made:
 * Playwright gets the signal from the terminal itself, other senders' signals are passed on. `giveUp` and the death of
 * this process, which Playwright sees by its standard input, end it in the same way.
 */
export function runScenario(
  options: RunOptions,
  { reports, shard, giveUp }: { reports: 'all' | 'verdict'; shard?: Shard; giveUp?: AbortSignal },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const specs = options.scenarios.map((name) => `/${name}.spec.ts`);
    const reporter = reports === 'all' ? [] : ['--reporter=dot'];
    const only = shard === undefined ? [] : ['--grep', titlesOf(storiesOfShard(options, shard))];
    const argv = [cli, 'test', '--project=scenario', '--workers=1', ...specs, ...only, ...reporter];
    const child = spawn(process.execPath, argv, {
      stdio: ['pipe', 'inherit', 'inherit'],
      env: {
        ...process.env,
        VERIFIER_OPTIONS: JSON.stringify(options),
        VERIFIER_RUN_DIR: options.runDir,
        [junitTitleVariable]: reportTitle(options.target),
        VERIFIER_LIFELINE: 'stdin',
        ...(shard === undefined ? {} : { VERIFIER_SHARD: String(shard.index) }),
      },
    });
    const forward = (signal: NodeJS.Signals): void => {
      if (!process.stdin.isTTY) child.kill(signal);
    };
    const onTerm = (): void => {
      child.kill('SIGINT');
    };
    process.on('SIGINT', forward);
    process.on('SIGTERM', onTerm);
    giveUp?.addEventListener('abort', onTerm);
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGINT', forward);
      process.off('SIGTERM', onTerm);
      giveUp?.removeEventListener('abort', onTerm);
      resolve(code ?? 1);
    });
  });
}

/** Playwright holds a title against its file's name and its groups' titles, too. */
function titlesOf(stories: readonly Story[]): string {
  return stories.map(({ scenario, image }) => `${scenario}\\.spec\\.ts ${image} image `).join('|');
}
