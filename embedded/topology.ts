/** The shapes of embedded cluster that a run can ask for. */

export const topologyNames = ['three-nodes', 'single-node', 'one-disk'] as const;
export type TopologyName = (typeof topologyNames)[number];

export interface TopologyDisk {
  readonly name: string;
  readonly kind: 'block' | 'filesystem';
  readonly sizeBytes: number;
}

export interface TopologyNode {
  readonly name: string;
  readonly ip: string;
  readonly disks: readonly TopologyDisk[];
}

export interface Topology {
  readonly nodes: readonly TopologyNode[];
  /** Longhorn settings that this shape needs, as a person would set them. */
  readonly settings: Readonly<Record<string, string>>;
}

const gib = 2 ** 30;

/**
 * - `three-nodes`: one block disk and one filesystem disk each.
 * - `single-node`: three block disks on one node, soft anti-affinity on, as on one Kind node or one virtual machine.
 * - `one-disk`: every replica shares one block disk; #10340 cannot show there.
 *
 * Disk files are sparse, so `blockDiskBytes` costs nothing until it is written.
 */
export function topology(name: TopologyName, options: { blockDiskBytes: number }): Topology {
  const blockDisks = (count: number): TopologyDisk[] =>
    Array.from({ length: count }, (_, index) => ({
      name: count === 1 ? 'block-disk' : `block-disk-${String(index + 1)}`,
      kind: 'block',
      sizeBytes: options.blockDiskBytes,
    }));
  const node = (index: number, blockDiskCount: number): TopologyNode => ({
    name: `node${String(index)}`,
    ip: `10.99.0.${String(10 + index)}`,
    disks: [{ name: 'default-disk', kind: 'filesystem', sizeBytes: 100 * gib }, ...blockDisks(blockDiskCount)],
  });
  const soft = { 'replica-soft-anti-affinity': 'true' };
  switch (name) {
    case 'three-nodes':
      return { nodes: [node(1, 1), node(2, 1), node(3, 1)], settings: {} };
    case 'single-node':
      return { nodes: [node(1, 3)], settings: soft };
    case 'one-disk':
      return { nodes: [node(1, 1)], settings: soft };
  }
}
