import type { Clock } from '../../../embedded/clock.ts';
import type {
  BackingImageInfo,
  DataPlane,
  DiskInfo,
  EngineInfo,
  ReplicaInfo,
  ReplicaMode,
  SpdkNode,
} from '../../../embedded/dataplane/contract.ts';
import type { DataPlaneProfile } from '../../../embedded/versions/profile.ts';

/** Faults that a test may ask of the data plane, by what they hit. */
export interface FakeFaults {
  /** The next rebuilds end in error instead of RW. */
  failingRebuilds: number;
  /** Snapshot checksums by replica, in the order of the engine's addresses; 42 where absent. */
  checksums: string[];
}

export interface FakeDataPlane extends DataPlane {
  readonly faults: FakeFaults;
  /** Every call that changes something, in order: `replicaCreate node1 vol-r-1`. */
  readonly calls: readonly string[];
  /** Calls back after each of them; the result ends it. */
  onCall(listener: () => void): () => void;
}

const gib = 2 ** 30;
const rebuildSeconds = 12;

/** The contract of the data plane in memory: states, modes, names; no bytes. */
export function createFakeDataPlane(clock: Clock, profile: DataPlaneProfile): FakeDataPlane {
  const nodes = new Map<string, SpdkNode>();
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
      const found = (node as FakeNode).replicas.get(address);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return dataPlane;
}

interface FakeNode extends SpdkNode {
  /** By address. */
  readonly replicas: Map<string, ReplicaInfo>;
}

interface FakeNodeOptions {
  name: string;
  ip: string;
  clock: Clock;
  profile: DataPlaneProfile;
  faults: FakeFaults;
  note(call: string): void;
  replicaAt(address: string): ReplicaInfo | undefined;
}

function createFakeNode(options: FakeNodeOptions): FakeNode {
  const { name: nodeName, ip, clock } = options;
  const disks = new Map<string, DiskInfo>();
  const images = new Map<string, BackingImageInfo>();
  const replicas = new Map<string, ReplicaInfo>();
  const stopped = new Set<string>();
  const engines = new Map<string, EngineInfo>();
  let nextPort = 20000;
  let nextRebuild = 0;
  const note = (call: string, subject: string): void => {
    options.note(`${call} ${nodeName} ${subject}`);
  };
  const replicaNamed = (name: string): [string, ReplicaInfo] | undefined =>
    [...replicas].find(([, replica]) => replica.name === name);
  const engineOf = (name: string): EngineInfo => {
    const engine = engines.get(name);
    if (engine === undefined) throw new Error(`no engine ${name}`);
    return engine;
  };
  const refreshModes = (engine: EngineInfo): void => {
    for (const [name, address] of Object.entries(engine.replicaAddresses)) {
      if (options.replicaAt(address)?.state !== 'running') engine.replicaModes[name] = 'ERR';
    }
  };
  return {
    nodeName,
    ip,
    rpcSocket: '/nowhere',
    replicas,
    diskCreate(disk) {
      const lvstoreUuid = `00000000-0000-4000-8000-${nodeName}-${disk.diskName}`;
      const info: DiskInfo = {
        diskName: disk.diskName,
        lvstoreUuid,
        path: disk.path,
        totalBytes: disk.sizeBytes,
        freeBytes: disk.sizeBytes,
        clusterBytes: 2 ** 20,
        blockBytes: disk.blockBytes,
      };
      disks.set(disk.diskName, info);
      return Promise.resolve(info);
    },
    diskGet: (name) => disks.get(name),
    diskDelete(name) {
      disks.delete(name);
    },
    powerOff: () => Promise.resolve(),
    powerOn: () => Promise.resolve(),
    crash() {
      note('crash', '');
      engines.clear();
      replicas.clear();
      return Promise.resolve();
    },
    backingImageCreate(image) {
      note('backingImageCreate', `${image.name} ${image.source.kind}`);
      const info: BackingImageInfo = {
        name: image.name,
        backingImageUuid: image.backingImageUuid,
        lvstoreUuid: image.lvstoreUuid,
        lvolName: `bi-${image.name}-disk-${image.lvstoreUuid}`,
        sizeBytes: image.sizeBytes,
        progress: 0,
        state: 'in-progress',
        currentChecksum: '',
        errorMessage: '',
      };
      images.set(`${image.name}/${image.lvstoreUuid}`, info);
      const finish = async (): Promise<void> => {
        if (image.source.kind === 'stream') for await (const _chunk of image.source.content) continue;
        await clock.sleep(5);
        Object.assign(info, { state: 'ready', progress: 100, currentChecksum: image.checksum });
      };
      void finish();
    },
    backingImageGet: (name, disk) => images.get(`${name}/${disk}`),
    backingImageList: () => [...images.values()],
    backingImageDelete(name, disk) {
      note('backingImageDelete', name);
      images.delete(`${name}/${disk}`);
      return Promise.resolve();
    },
    replicaCreate(replica) {
      note('replicaCreate', replica.name);
      const port = (nextPort += 5);
      const info: ReplicaInfo = {
        name: replica.name,
        lvstoreUuid: replica.lvstoreUuid,
        diskName: [...disks.values()].find((disk) => disk.lvstoreUuid === replica.lvstoreUuid)?.diskName ?? '',
        specSizeBytes: replica.specSizeBytes,
        actualSizeBytes: 0,
        ip,
        port,
        state: 'running',
        errorMessage: '',
        rebuilding: false,
        backingImageName: replica.backingImageName ?? '',
        snapshots: {},
      };
      stopped.delete(replica.name);
      replicas.set(`${ip}:${String(port)}`, info);
      return Promise.resolve(info);
    },
    replicaDelete({ name, cleanupRequired }) {
      note(cleanupRequired ? 'replicaWipe' : 'replicaStop', name);
      const entry = replicaNamed(name);
      if (entry !== undefined) replicas.delete(entry[0]);
      return Promise.resolve();
    },
    replicaGet: (name) => replicaNamed(name)?.[1],
    engineCreate(engine) {
      note('engineCreate', engine.name);
      const modes = Object.keys(engine.replicaAddresses).map((name): [string, ReplicaMode] => [name, 'RW']);
      const info: EngineInfo = {
        name: engine.name,
        volumeName: engine.volumeName,
        specSizeBytes: engine.specSizeBytes,
        actualSizeBytes: gib,
        ip,
        port: (nextPort += 5),
        state: 'running',
        errorMessage: '',
        endpoint: engine.frontend === '' ? '' : `/dev/longhorn/${engine.volumeName}`,
        deviceUri: engine.frontend === '' ? '' : `nbd+unix:///?socket=/fake/${engine.name}`,
        replicaAddresses: { ...engine.replicaAddresses },
        replicaModes: Object.fromEntries(modes),
        snapshots: {},
        rebuilds: {},
        clones: {},
      };
      engines.set(engine.name, info);
      return Promise.resolve(info);
    },
    engineDelete(name) {
      note('engineDelete', name);
      engines.delete(name);
      return Promise.resolve();
    },
    engineGet(name) {
      const engine = engines.get(name);
      if (engine !== undefined) refreshModes(engine);
      return engine;
    },
    engineReplicaAdd({ engineName, replicaName, address }) {
      note('engineReplicaAdd', replicaName);
      const engine = engineOf(engineName);
      const from = Object.entries(engine.replicaAddresses).find(([name]) => engine.replicaModes[name] === 'RW')?.[1] ?? '';
      const snapshotName = `rebuild-${String(10000000 + (nextRebuild += 1))}`;
      engine.snapshots[snapshotName] = snapshot(snapshotName, false, clock);
      engine.replicaAddresses[replicaName] = address;
      engine.replicaModes[replicaName] = 'WO';
      const rebuild = {
        replicaName,
        address: `tcp://${address}`,
        fromAddress: `tcp://${from}`,
        state: 'in_progress' as const,
        progress: 10,
        error: '',
      };
      engine.rebuilds[replicaName] = rebuild;
      const finish = async (): Promise<void> => {
        await clock.sleep(rebuildSeconds);
        if (options.faults.failingRebuilds > 0) {
          options.faults.failingRebuilds -= 1;
          engine.rebuilds[replicaName] = { ...rebuild, state: 'error', error: 'shallow copy broke' };
          return;
        }
        engine.replicaModes[replicaName] = 'RW';
        Reflect.deleteProperty(engine.rebuilds, replicaName);
      };
      void finish();
      return Promise.resolve();
    },
    engineReplicaDelete({ engineName, replicaName }) {
      note('engineReplicaDelete', replicaName);
      const engine = engineOf(engineName);
      Reflect.deleteProperty(engine.replicaAddresses, replicaName);
      Reflect.deleteProperty(engine.replicaModes, replicaName);
      Reflect.deleteProperty(engine.rebuilds, replicaName);
      return Promise.resolve();
    },
    engineSnapshotClone({ engineName, snapshotName, sourceReplicas }) {
      note('engineSnapshotClone', snapshotName);
      const engine = engineOf(engineName);
      for (const [name, address] of Object.entries(engine.replicaAddresses)) {
        const fromAddress = `tcp://${replicaNamed(sourceReplicas[name] ?? '')?.[0] ?? ''}`;
        engine.clones[name] = { address: `tcp://${address}`, fromAddress, snapshotName, state: 'complete', progress: 100, error: '' };
      }
      return Promise.resolve();
    },
    engineSnapshotCreate({ engineName, snapshotName, userCreated }) {
      note('engineSnapshotCreate', snapshotName);
      engineOf(engineName).snapshots[snapshotName] = snapshot(snapshotName, userCreated, clock);
      return Promise.resolve();
    },
    engineSnapshotDelete({ engineName, snapshotName }) {
      note('engineSnapshotDelete', snapshotName);
      Reflect.deleteProperty(engineOf(engineName).snapshots, snapshotName);
      return Promise.resolve();
    },
    engineSnapshotRevert: () => Promise.resolve(),
    engineSnapshotPurge({ engineName }) {
      note('engineSnapshotPurge', engineName);
      const { snapshots } = engineOf(engineName);
      const system = Object.keys(snapshots).filter((name) => snapshots[name]?.userCreated === false);
      // The head hangs on the last one.
      const gone = options.profile.purgeOfHeadParent === 'merged' ? system : system.slice(0, -1);
      for (const name of gone) Reflect.deleteProperty(snapshots, name);
      return Promise.resolve();
    },
    engineSnapshotHash({ snapshotName }) {
      note('engineSnapshotHash', snapshotName);
      return Promise.resolve();
    },
    engineSnapshotHashStatus: ({ engineName }) =>
      Object.fromEntries(
        Object.values(engineOf(engineName).replicaAddresses).map((address, index) => [
          address,
          { state: 'complete', checksum: options.faults.checksums[index] ?? '42', error: '' },
        ]),
      ),
    engineExpand({ engineName, sizeBytes }) {
      note('engineExpand', engineName);
      engineOf(engineName).specSizeBytes = sizeBytes;
      return Promise.resolve();
    },
  };
}

function snapshot(name: string, userCreated: boolean, clock: Clock): EngineInfo['snapshots'][string] {
  return { name, parent: '', children: [], userCreated, creationTime: clock.timestamp(), sizeBytes: 0, checksum: '' };
}
