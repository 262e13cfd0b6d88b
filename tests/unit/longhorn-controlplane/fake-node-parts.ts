import type { Clock } from '../../../embedded/clock.ts';
import type { EngineInfo, ReplicaInfo } from '../../../embedded/dataplane/contract.ts';
import type { DataPlaneProfile } from '../../../embedded/versions/profile.ts';

/** Faults that a test may ask of the data plane, by what they hit. */
export interface FakeFaults {
  /** The next rebuilds end in error instead of RW. */
  failingRebuilds: number;
  /** Snapshot checksums by replica, in the order of the engine's addresses; 42 where absent. */
  checksums: string[];
}

export interface FakeNodeOptions {
  readonly name: string;
  readonly ip: string;
  readonly clock: Clock;
  readonly profile: DataPlaneProfile;
  readonly faults: FakeFaults;
  readonly note: (call: string) => void;
  readonly replicaAt: (address: string) => ReplicaInfo | undefined;
}

/** What the parts of a fake node share. */
export interface FakeNodeParts extends FakeNodeOptions {
  readonly engines: Map<string, EngineInfo>;
  /** By address. */
  readonly replicas: Map<string, ReplicaInfo>;
  readonly nextPort: () => number;
  /** As `note`, with this node's name. */
  readonly noteHere: (call: string, subject: string) => void;
}

/** A replica of this node with its address. */
export function replicaNamed({ replicas }: FakeNodeParts, name: string): [string, ReplicaInfo] | undefined {
  return [...replicas].find(([, replica]) => replica.name === name);
}

/** @throws Error without such an engine */
export function engineOf({ engines }: FakeNodeParts, name: string): EngineInfo {
  const engine = engines.get(name);
  if (engine === undefined) throw new Error(`no engine ${name}`);
  return engine;
}

export function snapshotNow(name: string, userCreated: boolean, clock: Clock): EngineInfo['snapshots'][string] {
  return { name, parent: '', children: [], userCreated, creationTime: clock.timestamp(), sizeBytes: 0, checksum: '' };
}
