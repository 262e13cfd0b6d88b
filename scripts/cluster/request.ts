import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CommandHelp, type Flags, parseFlags } from '../command-line/flags.ts';
import { parseSize } from '../command-line/size.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { type InstallableVersion, installableVersions, parseInstallableVersion } from './longhorn/releases.ts';

/** A raw device of a node of an existing cluster: `/dev/…`, or a PCI address for SPDK's own driver. */
export interface NodeDevice {
  readonly node: string;
  readonly path: string;
}

export interface KindProvider {
  readonly kind: 'kind';
  /** Longhorn's nodes: workers beside a control plane, or one node that is both and has several disks. */
  readonly shape: { readonly kind: 'workers'; readonly count: number } | { readonly kind: 'single-node' };
  readonly diskBytes: number;
  /** A node image that is used as it is; without it one is built. */
  readonly nodeImage?: string;
  /** An archive of `docker save`, loaded into the nodes so that they pull nothing. */
  readonly imageArchive?: string;
}

export interface ExistingProvider {
  readonly kind: 'existing';
  readonly devices: readonly NodeDevice[];
  /** Two replicas of a volume may share a node, for a cluster with one node. */
  readonly shape: 'several-nodes' | 'single-node';
}

export interface ClusterRequest {
  /** Names the cluster's record; with Kind also the Kind cluster. */
  readonly name: string;
  readonly context: string;
  readonly kubeconfig?: string;
  readonly longhorn: InstallableVersion;
  readonly provider: KindProvider | ExistingProvider;
  /** Where all images come from instead of Docker Hub. */
  readonly registry?: string;
  /** A Secret in longhorn-system that the person made. */
  readonly pullSecret?: string;
  /** A chart on this machine, or a URL of one, instead of charts.longhorn.io. */
  readonly chart?: string;
  /** Shown in the command to run next. */
  readonly probeImage?: string;
}

const shared = {
  name: { value: 'NAME', text: 'name of the cluster and of its record (default v2-verifier)' },
  'state-dir': {
    value: 'DIR',
    text: 'where records and disk files are (default $XDG_STATE_HOME/longhorn-v2-verifier/clusters)',
  },
  'dry-run': { text: 'print every command in order, and run nothing' },
} as const;

export const upHelp: CommandHelp = {
  summary:
    'Brings up a cluster whose Longhorn can be verified: Kind nodes with loop devices as block disks, or an existing\n' +
    'cluster. Does only what is not done yet, so it can be run again after a failure. Never uses sudo: what root must do is\n' +
    'printed. Exit codes: 0 usable, 1 a step failed, 2 something is left to you first, 64 wrong usage.',
  usage: 'npm run cluster:up -- --longhorn VERSION [flags]',
  flags: {
    longhorn: { value: 'VERSION', text: `${installableVersions[0] ?? ''} to ${installableVersions.at(-1) ?? ''}` },
    provider: { value: 'NAME', text: 'kind (default), or existing: only the Longhorn part, on a context' },
    nodes: { value: 'N', text: 'kind: nodes with Longhorn, beside the control plane (default 3)' },
    'single-node': { text: 'one node; with kind it gets three block disks' },
    'disk-size': { value: 'SIZE', text: 'kind: size of each block disk, sparse (default 4Gi)' },
    'node-image': { value: 'IMAGE', text: 'kind: node image as it is, instead of building one' },
    'image-archive': { value: 'FILE', text: 'kind: archive of docker save to load into the nodes' },
    context: { value: 'NAME', text: 'existing: the kubeconfig context; always named explicitly' },
    'block-disks': { value: 'NODE=PATH,…', text: 'existing: raw devices to add; what is on them is lost' },
    kubeconfig: { value: 'FILE', text: 'kubeconfig (default: $KUBECONFIG or ~/.kube/config)' },
    registry: { value: 'PREFIX', text: 'pull all images from PREFIX/longhornio/…' },
    'pull-secret': { value: 'NAME', text: 'Secret of that registry in longhorn-system; what makes it is printed and left to you' },
    chart: { value: 'CHART', text: "Longhorn's chart: a directory, an archive or a URL" },
    'probe-image': { value: 'IMAGE', text: 'shown in the command to run next; part of --print-images' },
    'print-images': { text: 'print the images that the release needs, one a line, and do nothing' },
    ...shared,
  },
  examples: [
    'npm run cluster:up -- --longhorn 1.8.0 --dry-run',
    'npm run cluster:up -- --longhorn 1.8.0 --single-node',
    'npm run cluster:up -- --longhorn 1.11.3 --provider existing --context lab --block-disks a=/dev/sdb,b=/dev/sdb',
    'npm run cluster:up -- --longhorn 1.8.0 --registry registry.lab:5000 --print-images',
  ],
};

export const downHelp: CommandHelp = {
  summary:
    'Removes what cluster:up made, also when it ended half-way: the Kind cluster, loop devices and disk files, or the\n' +
    'changes to an existing cluster. Exit codes: 0 nothing is left, 1 something is, 64 wrong usage.',
  usage: 'npm run cluster:down -- [flags]',
  flags: shared,
  examples: ['npm run cluster:down', 'npm run cluster:down -- --name lab --dry-run'],
};

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const imageReference = /^[\w.:/@-]{1,255}$/;
const defaultName = 'v2-verifier';

export interface UpCommand {
  readonly request: ClusterRequest;
  readonly stateDir: string;
  readonly mode: 'run' | 'dry-run' | 'print-images';
}

/** Validates a command line of `cluster:up`. Throws `UsageError` before anything is looked at. */
export function parseUp(argv: readonly string[]): UpCommand {
  const flags = parseFlags(argv, upHelp);
  const version = flags.text('longhorn');
  if (version === undefined) throw new UsageError(`--longhorn VERSION is needed: ${installableVersions.join(', ')}`);
  const longhorn = parseInstallableVersion(version);
  const name = parseName(flags);
  const provider = flags.choice('provider', ['kind', 'existing']) ?? 'kind';
  const request: ClusterRequest = {
    name,
    longhorn,
    context: provider === 'kind' ? `kind-${name}` : existingContext(flags),
    provider: provider === 'kind' ? kindProvider(flags) : existingProvider(flags),
    ...optional('kubeconfig', filePath(flags.text('kubeconfig'))),
    ...optional('registry', registry(flags.text('registry'))),
    ...optional('pullSecret', pullSecret(flags.text('pull-secret'))),
    ...optional('chart', chart(flags.text('chart'))),
    ...optional('probeImage', image(flags, 'probe-image')),
  };
  const mode = flags.given('print-images') ? 'print-images' : flags.given('dry-run') ? 'dry-run' : 'run';
  return { request, stateDir: parseStateDir(flags), mode };
}

export interface DownCommand {
  readonly name: string;
  readonly stateDir: string;
  readonly mode: 'run' | 'dry-run';
}

export function parseDown(argv: readonly string[]): DownCommand {
  const flags = parseFlags(argv, downHelp);
  return {
    name: parseName(flags),
    stateDir: parseStateDir(flags),
    mode: flags.given('dry-run') ? 'dry-run' : 'run',
  };
}

function parseName(flags: Flags): string {
  const name = flags.text('name') ?? defaultName;
  if (!dnsLabel.test(name)) {
    throw new UsageError(`--name wants up to 40 lower-case letters, digits and dashes, got "${name}"`);
  }
  return name;
}

function parseStateDir(flags: Flags): string {
  const home = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  return resolve(flags.text('state-dir') ?? join(home, 'longhorn-v2-verifier', 'clusters'));
}

const onlyKind = ['nodes', 'disk-size', 'node-image', 'image-archive'];
const onlyExisting = ['context', 'block-disks'];

function refuse(flags: Flags, names: readonly string[], provider: string): void {
  const stray = names.find((name) => flags.given(name));
  if (stray !== undefined) throw new UsageError(`--${stray} is for --provider ${provider} only`);
}

function kindProvider(flags: Flags): KindProvider {
  refuse(flags, onlyExisting, 'existing');
  if (flags.given('single-node') && flags.given('nodes')) {
    throw new UsageError('--single-node and --nodes contradict one another: give one of them');
  }
  return {
    kind: 'kind',
    shape: flags.given('single-node')
      ? { kind: 'single-node' }
      : { kind: 'workers', count: flags.integer('nodes', { min: 1, max: 9 }) ?? 3 },
    diskBytes: parseDiskSize(flags.text('disk-size') ?? '4Gi'),
    ...optional('nodeImage', image(flags, 'node-image')),
    ...optional('imageArchive', filePath(flags.text('image-archive'))),
  };
}

/** Two replicas, a rebuild beside them and two copies of the image have to fit. */
const smallestDiskBytes = 2 ** 30;

function parseDiskSize(text: string): number {
  const bytes = parseSize('--disk-size', text);
  if (bytes < smallestDiskBytes) throw new UsageError(`--disk-size ${text} is too small: at least 1Gi is needed`);
  return bytes;
}

function existingContext(flags: Flags): string {
  const context = flags.text('context');
  if (context === undefined) {
    throw new UsageError('--provider existing needs --context NAME: a real cluster is always named explicitly');
  }
  return context;
}

function existingProvider(flags: Flags): ExistingProvider {
  refuse(flags, onlyKind, 'kind');
  const pairs = flags.text('block-disks')?.split(',') ?? [];
  return {
    kind: 'existing',
    devices: pairs.map(parseDevice),
    shape: flags.given('single-node') ? 'single-node' : 'several-nodes',
  };
}

/** Of nodes and secrets alike: an RFC 1123 subdomain. */
const objectName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
/** A path below /dev, or a PCI address (longhorn-spdk-engine:pkg/spdk/disk/types.go isBDF). */
const devicePath = /^(\/dev\/[\w./:+@-]+|[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7])$/;

function parseDevice(pair: string): NodeDevice {
  const equals = pair.indexOf('=');
  const [node, path] = [pair.slice(0, Math.max(equals, 0)), pair.slice(equals + 1)];
  if (!objectName.test(node) || !devicePath.test(path)) {
    throw new UsageError(`--block-disks wants NODE=/dev/… or NODE=0000:00:1e.0, with commas between, got "${pair}"`);
  }
  return { node, path };
}

function registry(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const prefix = text.replace(/\/+$/, '');
  if (!/^[\w.-]+(:\d+)?(\/[\w./-]+)?$/.test(prefix)) {
    throw new UsageError(`--registry wants a host with an optional port and path, no scheme, got "${text}"`);
  }
  return prefix;
}

function image(flags: Flags, name: string): string | undefined {
  const text = flags.text(name);
  if (text !== undefined && !imageReference.test(text)) {
    throw new UsageError(`--${name} wants an image reference, got "${text}"`);
  }
  return text;
}

function chart(text: string | undefined): string | undefined {
  return text === undefined || /^(https?|oci):\/\//.test(text) ? text : resolve(text);
}

function pullSecret(text: string | undefined): string | undefined {
  if (text === undefined || objectName.test(text)) return text;
  throw new UsageError(`--pull-secret wants the name of a secret, got "${text}"`);
}

function filePath(text: string | undefined): string | undefined {
  return text === undefined ? undefined : resolve(text);
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, V>>);
}
