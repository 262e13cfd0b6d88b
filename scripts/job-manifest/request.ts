import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { interruptions, type Interruption } from '../../fixtures/interruption-kinds.ts';
import { type CommandHelp, type Flags, parseFlags } from '../command-line/flags.ts';
import { parseImageReference } from '../command-line/image-reference.ts';
import { parseLonghornNamespace, parseNamespace } from '../command-line/namespace.ts';
import { objectName } from '../command-line/object-name.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { parseVerifyRequest } from '../verify/request.ts';
import { verifyHelp } from '../verify/request/help.ts';
import { targetFlags } from '../verify/request/target.ts';

export const jobManifestHelp: CommandHelp = {
  summary:
    'Prints a Kubernetes manifest: a Job that runs verify inside the cluster, in a namespace of its own, with exactly the\n' +
    'permissions that the suite needs. What follows a second -- is given to verify.',
  usage: 'npm run --silent job-manifest -- [flags] [-- verify flags]',
  flags: {
    image: { value: 'IMAGE', text: 'image of this project, see Dockerfile (default longhorn-v2-verifier:<version>)' },
    'probe-image': { value: 'IMAGE', text: 'image of the pods that a run makes (default: the same)' },
    namespace: { value: 'NAME', text: 'namespace of the Job and of its pods (default v2-verifier)' },
    'longhorn-namespace': { value: 'NAME', text: "Longhorn's namespace (default longhorn-system)" },
    'pull-secret': { value: 'NAME,…', text: 'secrets of that namespace with which nodes pull both images' },
    shards: {
      value: 'N',
      text: 'split the stories over N pods of an indexed Job, one after another (default 1); needs --report-claim and Kubernetes 1.29',
    },
    'access-for': {
      value: 'KIND:NAME',
      text: 'only the permissions, for user:NAME or group:NAME; who runs verify then names the same --namespace',
    },
    'report-claim': {
      value: 'NAME',
      text: 'claim of that namespace that keeps the reports (default: gone with the pod); ReadWriteOnce is enough',
    },
    reader: { text: 'only a pod that mounts the --report-claim at /reports, to copy them from' },
  },
  examples: [
    'npm run --silent job-manifest -- --image registry.lan/longhorn-v2-verifier:0.1.0 | kubectl apply -f -',
    'npm run --silent job-manifest -- --pull-secret lan --report-claim reports -- --size 2Gi | kubectl apply -f -',
    'kubectl -n v2-verifier logs -f job/verify',
    'npm run --silent job-manifest -- --access-for user:jane | kubectl apply -f -',
    'npm run --silent job-manifest -- --shards 3 --report-claim reports -- --scenario all | kubectl apply -f -',
    'npm run --silent job-manifest -- --report-claim reports --reader | kubectl apply -f -',
    'mkdir parts && kubectl -n v2-verifier exec reports -- tar -C /reports -cf - . | tar -x -C parts',
    'npm run merge -- parts/run-*/verify-*',
  ],
};

export interface JobRequest {
  readonly image: string;
  readonly probeImage: string;
  readonly namespace: string;
  readonly longhornNamespace: string;
  readonly pullSecrets: readonly string[];
  readonly shards: number;
  readonly reportClaim: string | undefined;
  /** Only what lets a person read a claim, instead of a Job. */
  readonly reader: { readonly claim: string } | undefined;
  /** Somebody who runs verify from outside, instead of a Job. */
  readonly accessFor: { readonly kind: 'user' | 'group'; readonly name: string } | undefined;
  /** As verify is told: what the permissions depend on. */
  readonly interruption: Interruption;
  /** Flags for verify, checked to be known. */
  readonly verifyFlags: readonly string[];
}

/** Given by the manifest itself. */
const settled = ['namespace', 'longhorn-namespace', 'probe-image', 'pull-secret', 'out', 'shard', 'keep'];

/** Throws `UsageError`. */
export function parseJobRequest(argv: readonly string[]): JobRequest {
  const split = argv.indexOf('--');
  const own = split < 0 ? argv : argv.slice(0, split);
  const verifyFlags = split < 0 ? [] : argv.slice(split + 1);
  const flags = parseFlags(own, jobManifestHelp);
  const image = parseImageReference('image', flags.text('image') ?? `longhorn-v2-verifier:${version()}`);
  const namespace = parseNamespace(flags, 'namespace') ?? 'v2-verifier';
  const longhornNamespace = parseLonghornNamespace(flags);
  if (namespace === longhornNamespace) throw new UsageError(`--namespace must not be Longhorn's own, ${namespace}`);
  const names = (flag: string): string[] => {
    const given = flags.text(flag)?.split(',') ?? [];
    const wrong = given.find((name) => !objectName.test(name));
    if (wrong !== undefined) throw new UsageError(`--${flag} wants names of objects, got "${wrong}"`);
    return given;
  };
  const verify = checkVerifyFlags(verifyFlags);
  const interruption = verify.choice('interruption', interruptions) ?? 'replica';
  const shards = flags.integer('shards', { min: 1, max: 64 }) ?? 1;
  if (shards > 1 && verify.given('keep-on-failure')) {
    throw new UsageError('--keep-on-failure leaves a scene beside which the next of several --shards does not start');
  }
  const reportClaim = names('report-claim')[0];
  const reader = flags.given('reader');
  if (reportClaim === undefined && (reader || shards > 1)) {
    throw new UsageError(
      `--${reader ? 'reader' : 'shards'} needs --report-claim NAME: what shards leave is merged from there`,
    );
  }
  return {
    image,
    probeImage: parseImageReference('probe-image', flags.text('probe-image') ?? image),
    namespace,
    longhornNamespace,
    pullSecrets: names('pull-secret'),
    shards,
    reportClaim,
    reader: reader && reportClaim !== undefined ? { claim: reportClaim } : undefined,
    accessFor: parseSubject(flags.text('access-for')),
    interruption,
    verifyFlags: shards === 1 ? verifyFlags : [...verifyFlags, ...sharedBy(verifyFlags)],
  };
}

/** Shards need the same seed. */
function sharedBy(verifyFlags: readonly string[]): string[] {
  return parseFlags(verifyFlags, verifyHelp).given('seed') ? [] : ['--seed', randomBytes(4).toString('hex')];
}

/** The seed that shards were given. */
export function seedOf(verifyFlags: readonly string[]): string {
  return parseFlags(verifyFlags, verifyHelp).text('seed') ?? '';
}

/** Says here what verify would say in its pod: a flag that it cannot read, a shard without a story. Throws `UsageError`. */
export async function checkRun({ verifyFlags, shards, namespace }: JobRequest): Promise<void> {
  const last = `${String(shards)}/${String(shards)}`;
  await parseVerifyRequest([...verifyFlags, '--namespace', namespace, ...(shards === 1 ? [] : ['--shard', last])]);
}

function checkVerifyFlags(verifyFlags: readonly string[]): Flags {
  const flags = parseFlags(verifyFlags, verifyHelp);
  const target = Object.keys(targetFlags).find((name) => flags.given(name));
  if (target !== undefined) throw new UsageError(`--${target} names a target: the Job always looks at its own cluster`);
  const taken = settled.find((name) => flags.given(name));
  if (taken !== undefined) throw new UsageError(`--${taken} is settled by the manifest and cannot be given to verify`);
  return flags;
}

/** Names of people hold nearly anything; what a manifest's reader would trip over is refused. */
function parseSubject(text: string | undefined): JobRequest['accessFor'] {
  if (text === undefined) return undefined;
  const [, kind, name] = /^(user|group):(\S+)$/.exec(text) ?? [];
  if ((kind === 'user' || kind === 'group') && name !== undefined) return { kind, name };
  throw new UsageError(`--access-for wants user:NAME or group:NAME, got "${text}"`);
}

function version(): string {
  const packageJson = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(packageJson) as { version: string }).version;
}
