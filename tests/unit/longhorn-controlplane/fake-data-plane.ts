import type { Clock } from '../../../embedded/clock.ts';
import type { DataPlane, ReplicaInfo } from '../../../embedded/dataplane/contract.ts';
import type { DataPlaneProfile } from '../../../embedded/versions/profile.ts';
import type { FakeFaults } from './fake-node-parts.ts';
import { createFakeNode, type FakeNode } from './fake-node.ts';

export interface FakeDataPlane extends DataPlane {
  readonly faults: FakeFaults;
  /** Every call that changes something, in order: `replicaCreate node1 vol-r-1`. */
  readonly calls: readonly string[];
  /** Calls back after each of them; the result ends it. */
  onCall(listener: () => void): () => void;
}

/** The contract of the data plane in memory: states, modes, names; no bytes. */
export function createFakeDataPlane(clock: Clock, profile: DataPlaneProfile): FakeDataPlane {
  const nodes = new Map<string, FakeNode>();
  const faults: FakeFaults = { failingRebuilds: 0, checksums: [] };
  const calls: string[] = [];
  const listeners = new Set<() => void>();
  const note = (call: string): void => {
    calls.push(call);
    for (const listener of listeners) listener();
  };
  const dataPlane: FakeDataPlane = {
    faults,
    calls,
    onCall(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    addNode(name, ip) {
      const known = nodes.get(name);
      if (known !== undefined) return known;
      const node = createFakeNode({ name, ip, clock, profile, faults, note, replicaAt: findReplica });
      nodes.set(name, node);
      return node;
    },
    node(name) {
      const node = nodes.get(name);
      if (node === undefined) throw new Error(`no node ${name}`);
      return node;
    },
    nodes: () => [...nodes.values()],
    close: () => Promise.resolve(),
  };
  const findReplica = (address: string): ReplicaInfo | undefined => {
    for (const node of nodes.values()) {
      const found = node.replicas.get(address);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return dataPlane;
}
