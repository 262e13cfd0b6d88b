import type { Flags } from '../../command-line/flags.ts';
import { objectName } from '../../command-line/object-name.ts';
import { parseSize } from '../../command-line/size.ts';
import { UsageError } from '../../command-line/usage-error.ts';
import type { ExistingProvider, KindProvider, NodeDevice } from '../request.ts';
import { parseImage } from './images.ts';
import { optional, parsePath } from './optional.ts';

const onlyKind = ['nodes', 'disk-size', 'node-image', 'image-archive'];
const onlyExisting = ['context', 'block-disks'];

function refuse(flags: Flags, names: readonly string[], provider: string): void {
  const stray = names.find((name) => flags.given(name));
  if (stray !== undefined) throw new UsageError(`--${stray} is for --provider ${provider} only`);
}

/** Kind nodes with loop devices. Throws `UsageError`. */
export function kindProvider(flags: Flags): KindProvider {
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
    ...optional('nodeImage', parseImage(flags, 'node-image')),
    ...optional('imageArchive', parsePath(flags, 'image-archive')),
  };
}

/** Two replicas, a rebuild beside them and two copies of the image have to fit. */
const smallestDiskBytes = 2 ** 30;

function parseDiskSize(text: string): number {
  const bytes = parseSize('--disk-size', text);
  if (bytes < smallestDiskBytes) throw new UsageError(`--disk-size ${text} is too small: at least 1Gi is needed`);
  return bytes;
}

/** Throws `UsageError`. */
export function existingContext(flags: Flags): string {
  const context = flags.text('context');
  if (context === undefined) {
    throw new UsageError('--provider existing needs --context NAME: a real cluster is always named explicitly');
  }
  return context;
}

/** A cluster that is there. Throws `UsageError`. */
export function existingProvider(flags: Flags): ExistingProvider {
  refuse(flags, onlyKind, 'kind');
  const pairs = flags.text('block-disks')?.split(',') ?? [];
  return {
    kind: 'existing',
    devices: pairs.map(parseDevice),
    shape: flags.given('single-node') ? 'single-node' : 'several-nodes',
  };
}

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
