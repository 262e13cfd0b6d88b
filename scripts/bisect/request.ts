import { randomBytes } from 'node:crypto';
import { isKnownLonghornVersion, knownLonghornVersions } from '../../embedded/versions/profile.ts';
import { type CommandHelp, type Flags, parseFlags } from '../command-line/flags.ts';
import { parseOutDir } from '../command-line/out-dir.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { matrixHelp, passedFlags, versionFlags } from '../matrix/request.ts';
import { parseVerifyRequest } from '../verify/request.ts';

export interface BisectCommand {
  /** In order of time, ends included. */
  readonly candidates: readonly string[];
  readonly older: 'good' | 'bad';
  readonly target: 'embedded' | 'context';
  /** A shell command that installs `$CANDIDATE` before each trial. */
  readonly prepare: string | undefined;
  readonly extent: 'search' | 'every';
  readonly verifyFlags: readonly string[];
  readonly timeoutMs: number;
  readonly outDir: string;
  readonly replay: string;
}

const matrixOnly = ['versions', 'expect', 'parallel', 'append', 'json'];
const shared = Object.fromEntries(Object.entries(matrixHelp.flags).filter(([name]) => !matrixOnly.includes(name)));

export const bisectHelp: CommandHelp = {
  summary:
    'Finds the release, or the image, with which a volume became inconsistent, or consistent again when the bad end is\n' +
    'the older one. Both ends are tried first; what is inconclusive is skipped, as with git bisect.\n' +
    'Exit codes: 0 found, 1 an end is not what it was said to be, 2 only candidates without a verdict are left, 64 wrong\n' +
    'usage.',
  usage: 'npm run bisect -- --good A --bad B [flags] [flags of verify]',
  flags: {
    good: { value: 'VERSION', text: 'a release known to be consistent' },
    bad: { value: 'VERSION', text: 'a release known to be inconsistent' },
    images: { value: 'A,B,…,Z', text: 'search this list, in order of time, instead of the releases between' },
    prepare: {
      value: 'COMMAND',
      text: 'shell command that brings $CANDIDATE onto the cluster of --context before each trial',
    },
    every: { text: 'try all candidates, to see whether good and bad change places more than once' },
    ...shared,
  },
  examples: [
    'npm run bisect -- --good 1.8.2 --bad 1.9.0-rc2 --size 64Mi --image raw',
    'npm run bisect -- --bad 1.8.0 --good 1.11.3 --every --size 64Mi --image raw',
    "npm run bisect -- --good 1.8.2 --bad 1.9.0-rc2 --context kind-v2-verifier --prepare 'npm run cluster:down && npm run cluster:up -- --longhorn $CANDIDATE'",
    "npm run bisect -- --images im:a,im:b,im:c --good im:a --bad im:c --context lab --prepare './install.sh $CANDIDATE'",
  ],
};

/** Throws `UsageError` before anything is started. */
export async function parseBisectCommand(argv: readonly string[]): Promise<BisectCommand> {
  const flags = parseFlags(argv, bisectHelp);
  const target = flags.given('context') ? 'context' : 'embedded';
  const prepare = flags.text('prepare');
  if (target === 'context' && prepare === undefined) {
    throw new UsageError('--context needs --prepare COMMAND, which brings each candidate onto that cluster');
  }
  if (target === 'embedded' && (prepare !== undefined || flags.given('images'))) {
    throw new UsageError('--prepare and --images are for a real cluster: name it with --context');
  }
  const { candidates, older } = parseCandidates(flags);
  const verifyFlags = passedFlags(flags);
  // The context may be one that --prepare is still to make; each trial looks it up anew.
  const checked = prepare === undefined ? verifyFlags : passedFlags(flags, ['context', 'kubeconfig']);
  for (const candidate of candidates) await parseVerifyRequest([...checked, ...versionFlags(target, candidate)]);
  const seeded = flags.given('seed') ? [] : verifyFlags.slice(-2);
  return {
    candidates,
    older,
    target,
    prepare,
    extent: flags.given('every') ? 'every' : 'search',
    verifyFlags,
    timeoutMs: (flags.integer('run-timeout', { min: 1, max: 86_400 }) ?? 3600) * 1000,
    outDir: parseOutDir(flags) ?? `reports/out/bisect-${randomBytes(4).toString('hex')}`,
    replay: `npm run bisect -- ${[...argv, ...seeded].map(shellWord).join(' ')}`,
  };
}

function parseCandidates(flags: Flags): Pick<BisectCommand, 'candidates' | 'older'> {
  const images = flags.text('images')?.split(',');
  const normal = (name: string): string => (images === undefined ? name.replace(/^v/, '') : name);
  const ends = (['good', 'bad'] as const).map((name) => {
    const text = flags.text(name);
    if (text === undefined) throw new UsageError(`--${name} is missing: bisect wants --good A and --bad B; see --help`);
    return normal(text);
  });
  const list = images ?? knownLonghornVersions();
  const [good = -1, bad = -1] = ends.map((end) => indexOf(list, end));
  if (good === bad) throw new UsageError(`--good and --bad both name ${ends[0] ?? ''}`);
  return {
    candidates: list.slice(Math.min(good, bad), Math.max(good, bad) + 1),
    older: good < bad ? 'good' : 'bad',
  };
}

function indexOf(list: readonly string[], end: string): number {
  const index = list.indexOf(end);
  if (index >= 0) return index;
  const what = isKnownLonghornVersion(end) ? 'it is not in --images' : `known are ${list.join(', ')}`;
  throw new UsageError(`no candidate "${end}": ${what}`);
}

/** As a shell takes it back. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./#-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
