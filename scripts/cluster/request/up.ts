import { type CommandHelp, parseFlags } from '../../command-line/flags.ts';
import { UsageError } from '../../command-line/usage-error.ts';
import { installableVersions, parseInstallableVersion } from '../longhorn/releases.ts';
import type { ClusterRequest } from '../request.ts';
import { parseChart, parseImage, parsePullSecret, parseRegistry } from './images.ts';
import { optional, parsePath } from './optional.ts';
import { existingContext, existingProvider, kindProvider } from './provider.ts';
import { parseName, parseStateDir, recordFlags } from './record.ts';

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
    'single-node': { text: 'one node, from 1.9.0 on; with kind it gets three block disks' },
    'disk-size': { value: 'SIZE', text: 'kind: size of each block disk, sparse (default 4Gi)' },
    'node-image': { value: 'IMAGE', text: 'kind: node image as it is, instead of building one' },
    'image-archive': { value: 'FILE', text: 'kind: archive of docker save to load into the nodes' },
    context: { value: 'NAME', text: 'existing: the kubeconfig context; always named explicitly' },
    'block-disks': { value: 'NODE=PATH,…', text: 'existing: raw devices to add; what is on them is lost' },
    kubeconfig: { value: 'FILE', text: 'kubeconfig (default: $KUBECONFIG or ~/.kube/config)' },
    registry: { value: 'PREFIX', text: 'pull all images from PREFIX/longhornio/…' },
    'pull-secret': {
      value: 'NAME',
      text: 'Secret of that registry in longhorn-system; what makes it is printed and left to you',
    },
    chart: { value: 'CHART', text: "Longhorn's chart: a directory, an archive or a URL" },
    'probe-image': { value: 'IMAGE', text: 'shown in the command to run next; part of --print-images' },
    'print-images': { text: 'print the images that the release needs, one a line, and do nothing' },
    ...recordFlags,
  },
  examples: [
    'npm run cluster:up -- --longhorn 1.8.0 --dry-run',
    'npm run cluster:up -- --longhorn 1.8.0 --nodes 2',
    'npm run cluster:up -- --longhorn 1.11.3 --provider existing --context lab --block-disks a=/dev/sdb,b=/dev/sdb',
    'npm run cluster:up -- --longhorn 1.8.0 --registry registry.lab:5000 --print-images',
  ],
};

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
  if (flags.given('single-node')) refuseDisksOfOneNode(longhorn);
  const request: ClusterRequest = {
    name,
    longhorn,
    context: provider === 'kind' ? `kind-${name}` : existingContext(flags),
    provider: provider === 'kind' ? kindProvider(flags) : existingProvider(flags),
    ...optional('kubeconfig', parsePath(flags, 'kubeconfig')),
    ...optional('registry', parseRegistry(flags)),
    ...optional('pullSecret', parsePullSecret(flags)),
    ...optional('chart', parseChart(flags)),
    ...optional('probeImage', parseImage(flags, 'probe-image')),
  };
  const mode = flags.given('print-images') ? 'print-images' : flags.given('dry-run') ? 'dry-run' : 'run';
  return { request, stateDir: parseStateDir(flags), mode };
}

/** longhorn-spdk-engine:pkg/spdk/replica.go RebuildingDstStart@58e9a4c0, mended in 270f3ac4, which is in 1.9.0. */
function refuseDisksOfOneNode(version: string): void {
  if (!version.startsWith('1.8.')) return;
  throw new UsageError(
    `--single-node cannot be verified with Longhorn ${version}: up to 1.8.2 a rebuild deletes the images of the other disks ` +
      'of its node (longhorn/longhorn#10527), and the volume is faulted; give nodes of one disk each, with kind --nodes 2',
  );
}
