import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { isKnownLonghornVersion, knownLonghornVersions, versionProfile } from '../../embedded/versions/profile.ts';
import type { VerdictName } from '../../helpers/verdict/verdict.ts';
import { type CommandHelp, type Flags, parseFlags } from '../command-line/flags.ts';
import { parseOutDir } from '../command-line/out-dir.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { knownDefectOf } from '../reproduce/known-defect.ts';
import { parseLonghornVersion } from '../embedded/shape.ts';
import { parseVerifyRequest } from '../verify/request.ts';
import { verifyHelp } from '../verify/request/help.ts';

/** What a person expects of a version; compared with what its run says. */
export interface Expectation {
  readonly verdict: VerdictName;
  /** The defect that must be cited, e.g. `longhorn/longhorn#10340`. */
  readonly issue?: string;
}

export interface MatrixRequest {
  readonly versions: readonly string[];
  /** Of every run: the seed among them, so that all versions get the same plan. */
  readonly verifyFlags: readonly string[];
  /** `embedded` runs behave as the version, a `context` must really have it. */
  readonly target: 'embedded' | 'context';
  readonly expected: ReadonlyMap<string, Expectation>;
  readonly parallel: number;
  readonly timeoutMs: number;
  readonly outDir: string;
  readonly earlierRows: 'kept' | 'replaced';
  readonly output: 'table' | 'json';
}

/** Flags of `verify` that a command which makes many runs sets itself. */
const ownFlags = ['longhorn', 'out', 'verdict-only', 'keep', 'keep-on-failure', 'shard'];
const verifyFlags = Object.fromEntries(Object.entries(verifyHelp.flags).filter(([name]) => !ownFlags.includes(name)));

export const matrixHelp: CommandHelp = {
  summary:
    'Runs verify for several Longhorn releases with one seed and shows their verdicts, with evidence, in one table.\n' +
    'Exit codes: 0 all consistent, 1 any inconsistent, 2 otherwise any inconclusive; with --expect 0 when every verdict\n' +
    'is the expected one, else 1. 64 wrong usage.',
  usage: 'npm run matrix -- --versions LIST [flags] [flags of verify]',
  flags: {
    versions: { value: 'V,V,…', text: 'releases, or "all" that have a profile; one only with --context' },
    expect: { value: 'V=VERDICT,…', text: 'what each must give, or "known": the known defects and nothing else' },
    parallel: { value: 'N', text: 'embedded runs at a time (default: one per core)' },
    'run-timeout': { value: 'SECONDS', text: 'how long one run may take (default 3600)' },
    out: { value: 'DIR', text: 'where table and runs go (default reports/out/matrix-<id>)' },
    append: { text: 'keep the rows of other versions that --out has from an earlier matrix' },
    json: { text: 'print the table as JSON' },
    ...verifyFlags,
  },
  examples: [
    'npm run matrix -- --versions 1.8.0,1.8.1,1.9.0-rc2 --size 64Mi --image raw',
    'npm run matrix -- --versions all --expect known --size 64Mi --reads 4',
    'npm run matrix -- --versions 1.9.2 --context kind-longhorn --out reports/out/releases --append',
  ],
};

/** Throws `UsageError` before anything is started. */
export async function parseMatrixRequest(argv: readonly string[]): Promise<MatrixRequest> {
  const flags = parseFlags(argv, matrixHelp);
  const id = randomBytes(4).toString('hex');
  const passed = passedFlags(flags);
  const target = flags.given('context') ? 'context' : 'embedded';
  const versions = parseVersions(flags.text('versions'), target);
  for (const version of versions) await parseVerifyRequest([...passed, ...versionFlags(target, version)]);
  return {
    versions,
    verifyFlags: passed,
    target,
    expected: parseExpectations(flags.text('expect'), versions),
    parallel: target === 'context' ? 1 : (flags.integer('parallel', { min: 1, max: 64 }) ?? availableParallelism()),
    timeoutMs: (flags.integer('run-timeout', { min: 1, max: 86_400 }) ?? 3600) * 1000,
    outDir: parseOutDir(flags) ?? `reports/out/matrix-${id}`,
    earlierRows: flags.given('append') ? 'kept' : 'replaced',
    output: flags.given('json') ? 'json' : 'table',
  };
}

/** The flags of `verify` as they were given, less some, with a seed in any case. */
export function passedFlags(flags: Flags, less: readonly string[] = []): string[] {
  const given = Object.entries(verifyFlags).flatMap(([name, { value }]) => {
    if (!flags.given(name) || less.includes(name)) return [];
    return value === undefined ? [`--${name}`] : [`--${name}`, flags.text(name) ?? ''];
  });
  return flags.given('seed') ? given : [...given, '--seed', randomBytes(4).toString('hex')];
}

/** A cluster that exists has its release; the embedded one is told which to behave as. */
export function versionFlags(target: 'embedded' | 'context', version: string): string[] {
  return target === 'embedded' ? ['--longhorn', version] : [];
}

function parseVersions(text: string | undefined, target: MatrixRequest['target']): readonly string[] {
  if (text === undefined) throw new UsageError('--versions is missing, e.g. --versions 1.8.0,1.8.1; see --help');
  const names = text === 'all' ? knownLonghornVersions() : text.split(',').map((name) => name.trim().replace(/^v/, ''));
  if (target === 'embedded') return [...new Set(names.map((name) => parseLonghornVersion(name, '--versions')))];
  if (names.length === 1) return names;
  throw new UsageError(
    '--context has one release installed: name that one, and call matrix --append again after each upgrade',
  );
}

function parseExpectations(text: string | undefined, versions: readonly string[]): ReadonlyMap<string, Expectation> {
  if (text === undefined) return new Map();
  if (text === 'known') return new Map(versions.map((version) => [version, knownExpectation(version)]));
  const expected = text.split(',').map((part): [string, Expectation] => {
    const [version = '', verdict = ''] = part.split('=');
    const known = (['consistent', 'inconsistent', 'inconclusive'] as const).find((name) => name === verdict);
    if (known === undefined)
      throw new UsageError(`--expect wants VERSION=consistent|inconsistent|inconclusive, got "${part}"`);
    if (!versions.includes(version)) throw new UsageError(`--expect names ${version}, which is not among --versions`);
    return [version, { verdict: known }];
  });
  return new Map(expected);
}

/** A release's known defect, the end of V2 backing images with 1.12.0, and otherwise nothing wrong. */
export function knownExpectation(version: string): Expectation {
  if (!isKnownLonghornVersion(version)) return { verdict: 'consistent' };
  if (versionProfile(version).v2BackingImages === 'refused') return { verdict: 'inconclusive' };
  const issue = knownDefectOf(version);
  return issue === undefined ? { verdict: 'consistent' } : { verdict: 'inconsistent', issue };
}
