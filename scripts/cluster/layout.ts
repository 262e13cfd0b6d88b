/** What follows from a request without looking at anything: names of nodes, disks, files, devices. */
import { basename, join } from 'node:path';
import type { ClusterRequest, KindProvider } from './request.ts';

export interface BlockDisk {
  readonly node: string;
  /** The key in `spec.disks` of Longhorn's node. */
  readonly key: string;
  readonly path: string;
  readonly driver: 'aio' | 'auto';
}

/** A block disk that is a loop device over a file of this machine. */
export interface LoopDisk extends BlockDisk {
  /** In the layout's directory of disks; its name occurs once on this machine. */
  readonly file: string;
  readonly bytes: number;
}

export interface Layout {
  readonly directory: string;
  readonly kindConfig: string;
  readonly dockerfile: string;
  readonly values: string;
  readonly disksDirectory: string;
  readonly chartSource: string;
}

export function layoutOf(stateDir: string, name: string): Layout {
  const directory = join(stateDir, name);
  return {
    directory,
    kindConfig: join(directory, 'kind.yaml'),
    dockerfile: join(directory, 'node-image', 'Dockerfile'),
    values: join(directory, 'longhorn-values.yaml'),
    disksDirectory: join(directory, 'disks'),
    chartSource: join(directory, 'longhorn-source'),
  };
}

/**
 * The nodes that Longhorn runs on, as Kind names them (kubernetes-sigs/kind:pkg/cluster/internal/providers/common/namer.go).
 * The control plane's taint keeps Longhorn away when there are workers; Kind takes it off a node that is alone.
 */
export function kindNodeNames(name: string, provider: KindProvider): readonly string[] {
  if (provider.shape.kind === 'single-node') return [`${name}-control-plane`];
  return Array.from({ length: provider.shape.count }, (_, index) =>
    index === 0 ? `${name}-worker` : `${name}-worker${String(index + 1)}`,
  );
}

/** Links to loop devices: their numbers are known only when they are made, and change with the next boot. */
export const deviceDirectory = '/dev/v2-verifier';
const singleNodeDisks = 3;

/** A path in /dev is AIO's; SPDK follows links (longhorn-spdk-engine:pkg/spdk/disk.go@44753b56). */
export function loopDisks(name: string, provider: KindProvider, layout: Layout): readonly LoopDisk[] {
  const perNode = provider.shape.kind === 'single-node' ? singleNodeDisks : 1;
  return kindNodeNames(name, provider).flatMap((node) =>
    Array.from({ length: perNode }, (_, index) => {
      const key = `block-${String(index + 1)}`;
      const file = join(layout.disksDirectory, `${node}-${key}.img`);
      const path = `${deviceDirectory}/${basename(file, '.img')}`;
      return { node, key, path, driver: 'aio' as const, file, bytes: provider.diskBytes };
    }),
  );
}

/** Every block disk that the set-up adds to Longhorn's nodes. */
export function blockDisks(request: ClusterRequest, layout: Layout): readonly BlockDisk[] {
  const { provider } = request;
  if (provider.kind === 'kind') return loopDisks(request.name, provider, layout);
  return provider.devices.map(({ node, path }, index, all) => {
    const earlier = all.slice(0, index).filter((other) => other.node === node).length;
    return { node, key: `v2-verifier-${String(earlier + 1)}`, path, driver: 'auto' };
  });
}
