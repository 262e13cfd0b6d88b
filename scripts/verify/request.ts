import { randomBytes } from 'node:crypto';
import { type LonghornVersion, defaultLonghornVersion } from '../../embedded/versions/profile.ts';
import { describeRequest } from '../../embedded/faults/request.ts';
import { type TopologyName, topologyNames } from '../../embedded/topology.ts';
import type { RunOptions } from '../../fixtures/run-options.ts';
import { storiesOf } from '../../helpers/eventlog/story.ts';
import { interruptions } from '../../fixtures/interruption-kinds.ts';
import { scenarioNames } from '../../fixtures/scenarios.ts';
import { ownNamespaceOf } from '../../helpers/kubernetes/ownership.ts';
import { provisionedBytes } from '../../helpers/longhorn/volume-size.ts';
import { InvalidPlanOptions, makePlan } from '../../helpers/oracle/make-plan.ts';
import { mainScenario } from '../../helpers/oracle/plan.ts';
import { type CommandHelp, type Flags, parseFlags } from '../command-line/flags.ts';
import { parseOutDir } from '../command-line/out-dir.ts';
import { parseImageSize, parseSize, parseVolumeSize } from '../command-line/size.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { defaultTopology, parseFault, parseLonghornVersion, parseTimeScale } from '../embedded/shape.ts';
import { parseShard, type Shard, storiesOfShard } from '../shards/shard.ts';
import { resolveContext } from './kubeconfig.ts';

/** What runs the scenario: an embedded cluster made for this run, or an existing one that was named. */
export type RequestedTarget =
  | {
      readonly kind: 'embedded';
      readonly longhorn: LonghornVersion;
      readonly topology: TopologyName;
      readonly timeScale: number;
      /** `ID:key=value,…`, all spelled out; absent where the cluster is to be sound. */
      readonly fault?: string;
    }
  | {
      readonly kind: 'context';
      readonly context: string;
      readonly kubeconfigPath: string;
      /** The pod's own, where this runs in the cluster that it looks at. */
      readonly namespace?: string;
    };

export interface VerifyRequest {
  readonly target: RequestedTarget;
  readonly run: Omit<RunOptions, 'kubeconfigPath' | 'context' | 'target' | 'runDir' | 'lockSpan'>;
  readonly outDir: string | undefined;
  readonly reports: 'all' | 'verdict';
  /** The part of the run's stories that this machine tells; absent: all. */
  readonly shard?: Shard;
}

/** How a command's target is named. */
export const targetFlags: CommandHelp['flags'] = {
  context: { value: 'NAME', text: 'kubeconfig context of a real cluster; always named explicitly' },
  kubeconfig: {
    value: 'FILE',
    text: 'kubeconfig to look the context up in (default: $KUBECONFIG or ~/.kube/config)',
  },
  'in-cluster': { text: "the cluster that this runs in, as the pod's service account; see `npm run job-manifest`" },
  longhorn: {
    value: 'VERSION',
    text: `embedded only: Longhorn release to behave as (default ${defaultLonghornVersion})`,
  },
  topology: { value: 'NAME', text: `embedded only: ${topologyNames.join(', ')} (default three-nodes)` },
  'time-scale': { value: 'FACTOR', text: "embedded only: 1 is Longhorn's real time (default 0.01)" },
};

export const verifyHelp: CommandHelp = {
  summary:
    'Proves what every block of a Longhorn V2 volume must be, across the deletion and rebuild of a replica.\n' +
    'Without --context the embedded cluster is used: nothing needs to be installed.',
  usage: 'npm run verify -- [flags]',
  flags: {
    ...targetFlags,
    fault: {
      value: 'ID[:KEY=VALUE,…]',
      text: 'embedded only: what the cluster does wrong; `npm run faults -- --list` shows all',
    },
    scenario: { value: 'NAME,…', text: `which scenarios, or all: ${scenarioHelp()}` },
    interruption: {
      value: 'KIND',
      text: 'what ends the rebuild of interrupted-rebuild half-way: replica (it is deleted; default), target or source (the instance manager on its node is lost), node (the target’s is cordoned and loses it, as near to a reboot as an API comes)',
    },
    'shared-parent': {
      value: 'KIND',
      text: 'what the replicas hang on: backing-image (default), or linked-clone (Longhorn 1.12.1 or newer)',
    },
    image: { value: 'FORMAT', text: 'raw, qcow2 or both (default both)' },
    size: {
      value: 'SIZE',
      text: "what the volume's claim asks for; Longhorn rounds it up to a multiple of 2Mi (default 500Mi)",
    },
    'image-size': { value: 'SIZE', text: 'size of the image, whole MiB (default 64Mi, or half of a small volume)' },
    replicas: { value: 'N', text: 'replicas of the volume (default 2)' },
    reads: { value: 'N', text: 'passes over the device after the rebuild (default 10)' },
    seed: { value: 'TEXT', text: 'seed of every random choice; printed first (default random)' },
    keep: { text: 'keep everything that the run created, to look at it' },
    'keep-on-failure': { text: 'keep it unless the verdict is consistent' },
    namespace: { value: 'NAME', text: 'namespace for pods and claims (default v2-verifier-<run>)' },
    'longhorn-namespace': { value: 'NAME', text: "Longhorn's namespace (default longhorn-system)" },
    'probe-image': {
      value: 'IMAGE',
      text: 'image with Node and coreutils for the probe pod (default node:20-bookworm-slim)',
    },
    'pull-secret': {
      value: 'NAME,…',
      text: 'secrets of the --namespace with which nodes pull it; the run itself never reads them',
    },
    'support-bundle-limit': {
      value: 'SIZE',
      text: "what Longhorn's support bundle of a failed run may have (default 200Mi); 0 takes none",
    },
    'lock-timeout': {
      value: 'SECONDS',
      text: 'how long to wait for another run on the same cluster (default 600)',
    },
    'rebuild-timeout': { value: 'SECONDS', text: 'how long one rebuild may take (default 900)' },
    'pass-timeout': { value: 'SECONDS', text: 'how long one pass may take (default 900)' },
    'upstream-checksum': { text: 'also take the checksums that the upstream test takes', hidden: true },
    'depth-one': { text: 'one request in flight in every pass', hidden: true },
    shard: { value: 'I/N', text: 'tell only this part of the stories; `npm run merge` makes one run of all parts' },
    'verdict-only': { text: 'event logs and verdicts, no reports for people: for runs by the dozen' },
    out: { value: 'DIR', text: 'where reports go (default reports/out/<run>)' },
  },
  examples: [
    'npm run verify',
    'npm run verify -- --longhorn 1.8.0',
    'npm run verify -- --context kind-longhorn --image raw --replicas 3',
    'npm run verify -- --seed 5eed --size 2Gi --reads 20 --keep',
  ],
};

const defaultBundleLimitBytes = 200 * 2 ** 20;
const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Validates a command line of `verify`. Throws `UsageError` before anything is created. */
export async function parseVerifyRequest(argv: readonly string[]): Promise<VerifyRequest> {
  const flags = parseFlags(argv, verifyHelp);
  const seed = parseSeed(flags);
  // Run ids differ between two runs of one seed: they name objects, and a kept run must not collide with its replay.
  const runId = randomBytes(4).toString('hex');
  const target = await parseTarget(flags);
  const sharedParent = flags.choice('shared-parent', ['backing-image', 'linked-clone']) ?? 'backing-image';
  const image = imageFormats(flags, sharedParent);
  const ownNamespace = target.kind === 'context' ? target.namespace : undefined;
  const scenarios = parseScenarios(flags.text('scenario'));
  if (flags.given('interruption') && !scenarios.includes('interrupted-rebuild')) {
    throw new UsageError('--interruption needs --scenario interrupted-rebuild, the one that interrupts a rebuild');
  }
  const seconds = (name: string): number => (flags.integer(name, { min: 1, max: 86_400 }) ?? 900) * 1000;
  const subject = subjectOf(flags, seed);
  return withShard(flags, {
    target,
    outDir: parseOutDir(flags),
    reports: flags.given('verdict-only') ? 'verdict' : 'all',
    run: {
      runId,
      seed,
      scenarios,
      sharedParent,
      interruption: flags.choice('interruption', interruptions) ?? 'replica',
      upstreamChecksum: flags.given('upstream-checksum'),
      passDepth: flags.given('depth-one') ? 'one' : 'planned',
      images: image,
      ...subject,
      keep: flags.given('keep') ? 'always' : flags.given('keep-on-failure') ? 'on-failure' : 'never',
      namespace: parseNamespace(flags, 'namespace', ownNamespace) ?? ownNamespaceOf(runId),
      longhornNamespace: parseNamespace(flags, 'longhorn-namespace') ?? 'longhorn-system',
      probeImage: parseImageReference('probe-image', flags.text('probe-image') ?? 'node:20-bookworm-slim'),
      pullSecrets: parsePullSecrets(flags),
      supportBundleLimitBytes: parseBundleLimit(flags),
      timeoutsMs: {
        lock: (flags.integer('lock-timeout', { min: 0, max: 86_400 }) ?? 600) * 1000,
        state: 600_000,
        backingImage: 900_000,
        rebuild: seconds('rebuild-timeout'),
        pass: seconds('pass-timeout'),
      },
    },
  });
}

/** The volume under test: what no plan can be made of is refused here, before anything is created. */
function subjectOf(
  flags: Flags,
  seed: string,
): Pick<RunOptions, 'sizeBytes' | 'imageSizeBytes' | 'replicaCount' | 'reads'> {
  const imageSize = flags.text('image-size');
  const subject = {
    sizeBytes: parseVolumeSize('--size', flags.text('size') ?? '500Mi'),
    ...(imageSize === undefined ? {} : { imageSizeBytes: parseImageSize('--image-size', imageSize) }),
    replicaCount: flags.integer('replicas', { min: 1, max: 20 }) ?? 2,
    reads: flags.integer('reads', { min: 1, max: 1000 }) ?? 10,
  };
  try {
    makePlan({ ...subject, seed, imageFormat: 'raw', volumeSizeBytes: provisionedBytes(subject.sizeBytes) });
  } catch (error) {
    if (error instanceof InvalidPlanOptions) throw new UsageError(error.message);
    throw error;
  }
  return subject;
}

/** Shards draw their plans apart from one another: only a seed that was given is the same on all machines. */
function withShard(flags: Flags, request: VerifyRequest): VerifyRequest {
  const text = flags.text('shard');
  if (text === undefined) return request;
  if (!flags.given('seed')) throw new UsageError('--shard needs --seed, the same one on every machine');
  if (flags.given('verdict-only'))
    throw new UsageError('--shard leaves reports to merge, which --verdict-only forbids');
  const shard = parseShard(text);
  if (storiesOfShard(request.run, shard).length > 0) return { ...request, shard };
  throw new UsageError(
    `--shard ${text} has nothing to do: the run has ${String(storiesOf(request.run).length)} stories`,
  );
}

/** Runs by the dozen take none unless they are told to. */
function parseBundleLimit(flags: Flags): number {
  const text = flags.text('support-bundle-limit');
  if (text === undefined) return flags.given('verdict-only') ? 0 : defaultBundleLimitBytes;
  return text === '0' ? 0 : parseSize('--support-bundle-limit', text);
}

function scenarioHelp(): string {
  return scenarioNames()
    .map((name) => (name === mainScenario ? `${name} (default)` : name))
    .join(', ');
}

function parseScenarios(text: string | undefined): string[] {
  if (text === undefined) return [mainScenario];
  if (text === 'all') return scenarioNames();
  const names = [...new Set(text.split(','))];
  const unknown = names.find((name) => !scenarioNames().includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`--scenario wants all or some of ${scenarioNames().join(', ')}, got "${unknown}"`);
  }
  return names;
}

/** A linked clone has no image file: its one run is called raw. */
function imageFormats(flags: Flags, sharedParent: RunOptions['sharedParent']): RunOptions['images'] {
  const image = flags.choice('image', ['raw', 'qcow2', 'both']);
  if (sharedParent === 'linked-clone') {
    if (image !== undefined && image !== 'raw') {
      throw new UsageError(`--image ${image} needs --shared-parent backing-image: a linked clone has no image file`);
    }
    return ['raw'];
  }
  return image === undefined || image === 'both' ? ['raw', 'qcow2'] : [image];
}

function parseSeed(flags: Flags): string {
  const seed = flags.text('seed') ?? randomBytes(4).toString('hex');
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(seed)) {
    throw new UsageError(`--seed wants 1 to 64 letters, digits, dots, dashes or underscores, got "${seed}"`);
  }
  return seed;
}

/** A namespace's name, else the fallback. Throws `UsageError`. */
export function parseNamespace(flags: Flags, name: string, fallback?: string): string | undefined {
  const text = flags.text(name) ?? fallback;
  if (text !== undefined && !dnsLabel.test(text)) {
    throw new UsageError(`--${name} wants a namespace name (RFC 1123 label), got "${text}"`);
  }
  return text;
}

export function parseImageReference(flag: string, text: string): string {
  if (!/^[\w.:/@-]{1,255}$/.test(text)) throw new UsageError(`--${flag} wants an image reference, got "${text}"`);
  return text;
}

const secretName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** A secret is there before the run is, so its namespace must be named as well. */
export function parsePullSecrets(flags: Flags): string[] {
  const names = flags.text('pull-secret')?.split(',') ?? [];
  const wrong = names.find((name) => !secretName.test(name));
  if (wrong !== undefined) throw new UsageError(`--pull-secret wants names of secrets, got "${wrong}"`);
  if (names.length > 0 && !flags.given('namespace')) {
    throw new UsageError('--pull-secret needs --namespace NAME: the secret must be there, in a namespace of yours');
  }
  return names;
}

/** The target that `targetFlags` name. Throws `UsageError` when they contradict one another. */
export async function parseTarget(flags: Flags): Promise<RequestedTarget> {
  const context = flags.text('context');
  const embeddedOnly = ['longhorn', 'topology', 'time-scale', 'fault'].find((name) => flags.given(name));
  if (flags.given('in-cluster')) {
    const other = ['context', 'kubeconfig'].find((name) => flags.given(name)) ?? embeddedOnly;
    if (other !== undefined) throw new UsageError(`--in-cluster and --${other} name two different clusters`);
    // The Kubernetes client takes a second to load; only a pod needs it here.
    const { inClusterContext } = await import('./in-cluster.ts');
    const { namespace, ...found } = inClusterContext();
    return { kind: 'context', ...found, ...(namespace === undefined ? {} : { namespace }) };
  }
  if (context !== undefined) {
    if (embeddedOnly !== undefined) {
      throw new UsageError(`--${embeddedOnly} describes the embedded cluster and cannot be combined with --context`);
    }
    return { kind: 'context', ...(await resolveContext({ context, kubeconfig: flags.text('kubeconfig') })) };
  }
  if (flags.given('kubeconfig')) {
    throw new UsageError('--kubeconfig needs --context NAME: a real cluster is always named explicitly');
  }
  return {
    kind: 'embedded',
    longhorn: parseLonghornVersion(flags.text('longhorn') ?? defaultLonghornVersion),
    topology: flags.choice('topology', topologyNames) ?? defaultTopology,
    timeScale: parseTimeScale(flags.text('time-scale')),
    ...faultFlag(flags.text('fault')),
  };
}

function faultFlag(text: string | undefined): { fault?: string } {
  const { fault } = parseFault(text);
  return fault === undefined ? {} : { fault: describeRequest(fault) };
}
