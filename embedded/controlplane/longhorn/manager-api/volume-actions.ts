import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { conditionOf } from '../model/condition.ts';
import { volumeHead } from '../model/engine.ts';
import type { Engine } from '../model/engine.ts';
import type { Volume } from '../model/volume.ts';
import { ManagerError, notThere, wrapped } from './manager-error.ts';

/** What an action answers with: the volume as it is afterwards, or nothing at all. */
export type ActionAnswer = 'volume' | 'nothing';

export type Action = (
  cluster: LonghornCluster,
  volume: string,
  input: Readonly<Record<string, unknown>>,
) => ActionAnswer | Promise<ActionAnswer>;

/** The actions that are served, of the many that there are. */
export const volumeActions: Readonly<Record<string, Action>> = { attach, detach, snapshotRevert };

export function volumeNamed(cluster: LonghornCluster, name: string): Volume {
  const volume = cluster.volumes.get(name);
  if (volume === undefined) throw notThere('volume', name);
  return volume;
}

function text(input: Readonly<Record<string, unknown>>, field: string): string {
  const value = input[field];
  return typeof value === 'string' ? value : '';
}

/** Adds a ticket; whether and when it is satisfied, the object says. Source: longhorn-manager:manager/volume.go Attach@v1.11.3. */
function attach(cluster: LonghornCluster, name: string, input: Readonly<Record<string, unknown>>): ActionAnswer {
  const nodeID = text(input, 'hostId');
  const id = text(input, 'attachmentID');
  try {
    const node = cluster.nodes.get(nodeID);
    if (node === undefined) throw notThere('node', nodeID);
    if (conditionOf(node.status?.conditions, 'Ready')?.status !== 'True') {
      throw new ManagerError(`node ${nodeID} is not ready, couldn't attach volume ${name} to it`);
    }
    volumeNamed(cluster, name);
    const type = text(input, 'attacherType');
    const parameters = {
      disableFrontend: String(input['disableFrontend'] === true),
      lastAttachedBy: text(input, 'attachedBy'),
    };
    cluster.attachments.change(name, (draft) => {
      draft.spec.attachmentTickets[id] = {
        id,
        type: type === '' ? 'longhorn-api' : type,
        nodeID,
        parameters,
        generation: 0,
      };
    });
    return 'volume';
  } catch (error) {
    throw wrapped(`unable to attach volume ${name} to ${nodeID}`, error);
  }
}

/** Source: longhorn-manager:manager/volume.go Detach@v1.11.3. */
function detach(cluster: LonghornCluster, name: string, input: Readonly<Record<string, unknown>>): ActionAnswer {
  try {
    volumeNamed(cluster, name);
  } catch (error) {
    throw wrapped(`unable to detach volume ${name}`, error);
  }
  cluster.attachments.change(name, (draft) => {
    const { [text(input, 'attachmentID')]: _gone, ...rest } = draft.spec.attachmentTickets;
    draft.spec.attachmentTickets = input['forceDetach'] === true ? {} : rest;
  });
  return 'volume';
}

/**
 * Sources: longhorn-manager:api/snapshot.go SnapshotRevert, manager/engine.go RevertSnapshot, the same at v1.8.0, v1.10.0
 * and v1.11.3.
 */
async function snapshotRevert(
  cluster: LonghornCluster,
  name: string,
  input: Readonly<Record<string, unknown>>,
): Promise<ActionAnswer> {
  const snapshot = text(input, 'name');
  try {
    const volume = volumeNamed(cluster, name);
    if (volume.status?.['isStandby'] === true) {
      throw new ManagerError(`failed to revert snapshot for standby volume ${name}`);
    }
    if (volume.spec.frontend !== '' && volume.spec.disableFrontend !== true) {
      throw new ManagerError(`failed to revert snapshot for volume ${name} with frontend enabled`);
    }
    if (snapshot === '') throw new ManagerError('volume and snapshot name required');
    if ((volume.spec['migrationNodeID'] ?? '') !== '') throw new ManagerError('cannot operate during migration');
    await revertEngine(cluster, runningEngine(cluster, name), snapshot);
    return 'nothing';
  } catch (error) {
    throw wrapped('failed to revert snapshot', error);
  }
}

function runningEngine(cluster: LonghornCluster, volume: string): Engine {
  const [engine, other] = cluster.enginesOf(volume);
  const what = `cannot get ${volume} volume engine`;
  if (engine === undefined) throw new ManagerError(`${what}: cannot find engine`);
  if (other !== undefined) throw new ManagerError(`${what}: more than one engine exists`);
  if (engine.status?.currentState !== 'running') throw new ManagerError(`${what}: engine is not running`);
  return engine;
}

async function revertEngine(cluster: LonghornCluster, engine: Engine, snapshot: string): Promise<void> {
  const node = cluster.dataPlane.node(engine.spec.nodeID);
  const engineName = engine.metadata.name;
  const { volumeName } = engine.spec;
  const known = snapshot === volumeHead || node.engineGet(engineName)?.snapshots[snapshot] !== undefined;
  if (!known) throw new ManagerError(`not found snapshot '${snapshot}', for volume '${volumeName}'`);
  const what = `failed to revert volume to snapshot ${snapshot}`;
  if (snapshot === volumeHead) throw new ManagerError(`${what}: invalid operation: cannot revert to ${volumeHead}`);
  try {
    await node.engineSnapshotRevert({ engineName, snapshotName: snapshot });
  } catch (error) {
    // The proxy of the instance manager says `create`.
    throw wrapped(`${what}: rpc error: code = Internal desc = failed to create snapshot ${snapshot}`, error);
  }
}
