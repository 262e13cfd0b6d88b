import type { DiskInfo, EngineInfo, ReplicaInfo, SpdkNode } from '../../../embedded/dataplane/contract.ts';
import { fakeBackingImages } from './fake-backing-images.ts';
import { fakeEngines } from './fake-engines.ts';
import { replicaNamed, type FakeNodeOptions, type FakeNodeParts } from './fake-node-parts.ts';

export interface FakeNode extends SpdkNode {
  /** By address. */
  readonly replicas: Map<string, ReplicaInfo>;
}

export function createFakeNode(options: FakeNodeOptions): FakeNode {
  const { name: nodeName, ip } = options;
  const disks = new Map<string, DiskInfo>();
  const replicas = new Map<string, ReplicaInfo>();
  const engines = new Map<string, EngineInfo>();
  let port = 20000;
  const note = (call: string, subject: string): void => {
    options.note(`${call} ${nodeName} ${subject}`);
  };
  const parts: FakeNodeParts = { ...options, engines, replicas, nextPort: () => (port += 5), noteHere: note };
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
    replicaCreate(replica) {
      note('replicaCreate', replica.name);
      const port = parts.nextPort();
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
      replicas.set(`${ip}:${String(port)}`, info);
      return Promise.resolve(info);
    },
    replicaDelete({ name, cleanupRequired }) {
      note(cleanupRequired ? 'replicaWipe' : 'replicaStop', name);
      const entry = replicaNamed(parts, name);
      if (entry !== undefined) replicas.delete(entry[0]);
      return Promise.resolve();
    },
    replicaGet: (name) => replicaNamed(parts, name)?.[1],
    ...fakeBackingImages(parts),
    ...fakeEngines(parts),
  };
}
