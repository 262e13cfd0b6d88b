/** Runs without any fault, over seeds, releases, replica counts and sizes: each must be consistent. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../helpers/oracle/seeded-random.ts';
import type { VerdictName } from '../../helpers/verdict/verdict.ts';
import { inParallel } from '../command-line/parallel.ts';
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
const sizes = ['16Mi', '18Mi', '24Mi', '32Mi', '40Mi', '48Mi'];
const runTimeoutMs = 600_000;

/** The i-th case follows from its number alone; releases come round robin. */
export function cleanCases(count: number): CleanCase[] {
  return Array.from({ length: count }, (_, index) => {
    const seed = `clean-${String(index + 1)}`;
    const random = seededRandom(seed, 'clean');
    const release = releases[index % releases.length] ?? '1.11.3';
    const parent =
      release === '1.12.1' ? ['--shared-parent', 'linked-clone'] : ['--image', random.pick(['raw', 'qcow2'])];
    const replicas = random.pick(['2', '2', '3']);
    const reads = String(random.int(2, 5));
    const rest = ['--replicas', replicas, '--size', random.pick(sizes), '--reads', reads];
    return { seed, flags: ['--longhorn', release, ...parent, ...rest] };
  });
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
