/** Runs without any fault, over seeds, releases, scenarios, replica counts and sizes: each must be consistent. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scenarioNames } from '../../fixtures/scenarios.ts';
import { mainScenario } from '../../helpers/oracle/plan.ts';
import { seededRandom } from '../../helpers/oracle/seeded-random.ts';
import type { VerdictName } from '../../helpers/verdict/verdict.ts';
import { inParallel } from '../command-line/parallel.ts';
import { compareVersions } from '../matrix/version-order.ts';
import { runTool, verdictOfRun } from '../verify/child.ts';

export interface CleanCase {
  readonly seed: string;
  readonly flags: readonly string[];
}

export interface CleanResult extends CleanCase {
  readonly verdict: VerdictName | 'no result';
  readonly headline: string;
}

/** Releases without a known defect on this path; the last has linked clones instead of backing images. */
const releases = ['1.8.1', '1.8.2', '1.9.0', '1.9.2', '1.10.0', '1.10.2', '1.11.0', '1.11.1', '1.11.3', '1.12.1'];
/**
 * Where it is not the first of them: the release with which Longhorn can do what the scenario is about. Up to 1.8.2 a rebuild
 * deletes other images on its disk (longhorn/longhorn#10527), which a bystander shows.
 */
const since: Readonly<Record<string, string>> = {
  'bystander-volume': '1.9.0',
  'volume-expansion': '1.10.0',
  'outdated-replica-rebuild': '1.9.0',
};
const sizes = ['16Mi', '18Mi', '24Mi', '32Mi', '40Mi', '48Mi'];
const runTimeoutMs = 600_000;

/**
 * The i-th case follows from its number alone. Every second one is the main scenario, with the releases round robin; the
 * others take the scenarios round robin, each with one release after the other of those that can do it.
 */
export function cleanCases(count: number): CleanCase[] {
  const others = scenarioNames().filter((name) => name !== mainScenario);
  return Array.from({ length: count }, (_, index) => {
    const seed = `clean-${String(index + 1)}`;
    const random = seededRandom(seed, 'clean');
    const turn = Math.floor(index / 2);
    const scenario = index % 2 === 0 ? mainScenario : roundRobin(others, turn);
    const able = releases.filter((release) => compareVersions(release, since[scenario] ?? '0.0.0') >= 0);
    const release = roundRobin(able, index % 2 === 0 ? turn : Math.floor(turn / others.length));
    const parent =
      release === '1.12.1' ? ['--shared-parent', 'linked-clone'] : ['--image', random.pick(['raw', 'qcow2'])];
    const replicas = random.pick(['2', '2', '3']);
    const reads = String(random.int(2, 5));
    const rest = ['--replicas', replicas, '--size', random.pick(sizes), '--reads', reads];
    const told = scenario === mainScenario ? [] : ['--scenario', scenario];
    return { seed, flags: [...told, '--longhorn', release, ...parent, ...rest] };
  });
}

function roundRobin<T>(items: readonly T[], turn: number): T {
  const item = items[turn % items.length];
  if (item === undefined) throw new Error('there is nothing to take turns');
  return item;
}

export async function runClean(options: {
  count: number;
  parallel: number;
  outDir: string;
  signal: AbortSignal;
}): Promise<readonly CleanResult[]> {
  const results: CleanResult[] = [];
  const cases = cleanCases(options.count);
  await inParallel(cases, options.parallel, async ({ seed, flags }) => {
    if (options.signal.aborted) return;
    const outDir = join(options.outDir, 'clean', seed);
    const ended = await runTool({
      tool: 'verify',
      flags: ['--seed', seed, '--verdict-only', ...flags],
      outDir,
      timeoutMs: runTimeoutMs,
      signal: options.signal,
    });
    const verdict = await verdictOfRun(outDir);
    const headline = verdict?.headline ?? ended.ended;
    results.push({ seed, flags, verdict: verdict?.verdict ?? 'no result', headline });
    const last = results.at(-1);
    console.log(
      `${`${String(results.length)}/${String(cases.length)}`.padEnd(9)}${last?.verdict ?? ''}  ${seed} ${flags.join(' ')}`,
    );
    await writeFile(join(options.outDir, 'clean.json'), `${JSON.stringify(results, null, 2)}\n`);
  });
  return results;
}

/** What the clean runs say, with each that was not consistent. */
export function cleanText(results: readonly CleanResult[]): string {
  const alarms = results.filter(({ verdict }) => verdict !== 'consistent');
  const lines = alarms.map(
    ({ seed, flags, verdict, headline }) => `${verdict} ${seed} ${flags.join(' ')}: ${headline}`,
  );
  return [
    ...lines,
    `${String(results.length - alarms.length)} of ${String(results.length)} clean runs are consistent`,
  ].join('\n');
}
