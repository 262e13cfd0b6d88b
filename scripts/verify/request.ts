import { randomBytes } from 'node:crypto';
import type { RunOptions } from '../../fixtures/run-options.ts';
import { type Flags, parseFlags } from '../command-line/flags.ts';
import { parseOutDir } from '../command-line/out-dir.ts';
import { parseSize } from '../command-line/size.ts';
import { UsageError } from '../command-line/usage-error.ts';
import type { Shard } from '../shards/shard.ts';
import { verifyHelp } from './request/help.ts';
import { parsePods } from './request/pods.ts';
import { parseShardOf, parseStories } from './request/stories.ts';
import { parseSubject } from './request/subject.ts';
import { parseTarget, type RequestedTarget } from './request/target.ts';

export interface VerifyRequest {
  readonly target: RequestedTarget;
  readonly run: Omit<RunOptions, 'kubeconfigPath' | 'context' | 'target' | 'runDir' | 'lockSpan'>;
  readonly outDir: string | undefined;
  readonly reports: 'all' | 'verdict';
  /** The part of the run's stories that this machine tells; absent: all. */
  readonly shard?: Shard;
}

const defaultBundleLimitBytes = 200 * 2 ** 20;

/** Validates a command line of `verify`. Throws `UsageError` before anything is created. */
export async function parseVerifyRequest(argv: readonly string[]): Promise<VerifyRequest> {
  const flags = parseFlags(argv, verifyHelp);
  const seed = parseSeed(flags);
  // Run ids differ between two runs of one seed: they name objects, and a kept run must not collide with its replay.
  const runId = randomBytes(4).toString('hex');
  const target = await parseTarget(flags);
  const run: VerifyRequest['run'] = {
    runId,
    seed,
    ...parseStories(flags),
    ...parseSubject(flags, seed),
    upstreamChecksum: flags.given('upstream-checksum'),
    passDepth: flags.given('depth-one') ? 'one' : 'planned',
    keep: flags.given('keep') ? 'always' : flags.given('keep-on-failure') ? 'on-failure' : 'never',
    ...parsePods(flags, target, runId),
    supportBundleLimitBytes: parseBundleLimit(flags),
    timeoutsMs: parseTimeouts(flags),
  };
  const outDir = parseOutDir(flags);
  const shard = parseShardOf(run, flags);
  return {
    target,
    run,
    outDir,
    reports: flags.given('verdict-only') ? 'verdict' : 'all',
    ...(shard === undefined ? {} : { shard }),
  };
}

function parseTimeouts(flags: Flags): RunOptions['timeoutsMs'] {
  const seconds = (name: string): number => (flags.integer(name, { min: 1, max: 86_400 }) ?? 900) * 1000;
  return {
    lock: (flags.integer('lock-timeout', { min: 0, max: 86_400 }) ?? 600) * 1000,
    state: 600_000,
    backingImage: 900_000,
    rebuild: seconds('rebuild-timeout'),
    pass: seconds('pass-timeout'),
  };
}

/** Runs by the dozen take none unless they are told to. */
function parseBundleLimit(flags: Flags): number {
  const text = flags.text('support-bundle-limit');
  if (text === undefined) return flags.given('verdict-only') ? 0 : defaultBundleLimitBytes;
  return text === '0' ? 0 : parseSize('--support-bundle-limit', text);
}

function parseSeed(flags: Flags): string {
  const seed = flags.text('seed') ?? randomBytes(4).toString('hex');
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(seed)) {
    throw new UsageError(`--seed wants 1 to 64 letters, digits, dots, dashes or underscores, got "${seed}"`);
  }
  return seed;
}
