import type { SpdkNode } from '../../../embedded/dataplane/contract.ts';
import { engineOf, replicaNamed, snapshotNow, type FakeNodeParts } from './fake-node-parts.ts';

type SnapshotCalls = Pick<SpdkNode, Extract<keyof SpdkNode, `engineSnapshot${string}`>>;

/** Snapshots that are a name, and who made it. */
export function fakeEngineSnapshots(parts: FakeNodeParts): SnapshotCalls {
  const { clock, faults, profile, noteHere: note } = parts;
  return {
    engineSnapshotClone({ engineName, snapshotName, sourceReplicas }) {
      note('engineSnapshotClone', snapshotName);
      const engine = engineOf(parts, engineName);
      for (const [name, address] of Object.entries(engine.replicaAddresses)) {
        const fromAddress = `tcp://${replicaNamed(parts, sourceReplicas[name] ?? '')?.[0] ?? ''}`;
        engine.clones[name] = {
          address: `tcp://${address}`,
          fromAddress,
          snapshotName,
          state: 'complete',
          progress: 100,
          error: '',
        };
      }
      return Promise.resolve();
    },
    engineSnapshotCreate({ engineName, snapshotName, userCreated }) {
      note('engineSnapshotCreate', snapshotName);
      engineOf(parts, engineName).snapshots[snapshotName] = snapshotNow(snapshotName, userCreated, clock);
      return Promise.resolve();
    },
    engineSnapshotDelete({ engineName, snapshotName }) {
      note('engineSnapshotDelete', snapshotName);
      Reflect.deleteProperty(engineOf(parts, engineName).snapshots, snapshotName);
      return Promise.resolve();
    },
    engineSnapshotRevert: () => Promise.resolve(),
    engineSnapshotPurge({ engineName }) {
      note('engineSnapshotPurge', engineName);
      const { snapshots } = engineOf(parts, engineName);
      const system = Object.keys(snapshots).filter((name) => snapshots[name]?.userCreated === false);
      // The head hangs on the last one.
      const gone = profile.purgeOfHeadParent === 'merged' ? system : system.slice(0, -1);
      for (const name of gone) Reflect.deleteProperty(snapshots, name);
      return Promise.resolve();
    },
    engineSnapshotHash({ snapshotName }) {
      note('engineSnapshotHash', snapshotName);
      return Promise.resolve();
    },
    engineSnapshotHashStatus: ({ engineName }) =>
      Object.fromEntries(
        Object.values(engineOf(parts, engineName).replicaAddresses).map((address, index) => [
          address,
          { state: 'complete', checksum: faults.checksums[index] ?? '42', error: '' },
        ]),
      ),
  };
}
