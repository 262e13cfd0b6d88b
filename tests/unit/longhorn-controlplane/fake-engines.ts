import type { EngineInfo, ReplicaMode, SpdkNode } from '../../../embedded/dataplane/contract.ts';
import { fakeEngineSnapshots } from './fake-engine-snapshots.ts';
import { engineOf, snapshotNow, type FakeNodeParts } from './fake-node-parts.ts';

const gib = 2 ** 30;
const rebuildSeconds = 12;

type EngineCalls = Pick<SpdkNode, Extract<keyof SpdkNode, `engine${string}`>>;

/** Engines whose replicas are in the mode that their state allows. */
export function fakeEngines(parts: FakeNodeParts): EngineCalls {
  const { engines, ip, clock, faults, nextPort, noteHere: note } = parts;
  let nextRebuild = 0;
  const refreshModes = (engine: EngineInfo): void => {
    for (const [name, address] of Object.entries(engine.replicaAddresses)) {
      if (parts.replicaAt(address)?.state !== 'running') engine.replicaModes[name] = 'ERR';
    }
  };
  return {
    engineCreate(engine) {
      note('engineCreate', engine.name);
      const modes = Object.keys(engine.replicaAddresses).map((name): [string, ReplicaMode] => [name, 'RW']);
      const info: EngineInfo = {
        name: engine.name,
        volumeName: engine.volumeName,
        specSizeBytes: engine.specSizeBytes,
        actualSizeBytes: gib,
        ip,
        port: nextPort(),
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
      const engine = engineOf(parts, engineName);
      const from =
        Object.entries(engine.replicaAddresses).find(([name]) => engine.replicaModes[name] === 'RW')?.[1] ?? '';
      const snapshotName = `rebuild-${String(10000000 + (nextRebuild += 1))}`;
      engine.snapshots[snapshotName] = snapshotNow(snapshotName, false, clock);
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
        if (faults.failingRebuilds > 0) {
          faults.failingRebuilds -= 1;
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
      const engine = engineOf(parts, engineName);
      Reflect.deleteProperty(engine.replicaAddresses, replicaName);
      Reflect.deleteProperty(engine.replicaModes, replicaName);
      Reflect.deleteProperty(engine.rebuilds, replicaName);
      return Promise.resolve();
    },
    engineExpand({ engineName, sizeBytes }) {
      note('engineExpand', engineName);
      engineOf(parts, engineName).specSizeBytes = sizeBytes;
      return Promise.resolve();
    },
    ...fakeEngineSnapshots(parts),
  };
}
