/**
 * Linked clones: replicas of the clone hang on an empty read-only lvol above a snapshot of the source, on the same disk.
 * Source: longhorn-spdk-engine:pkg/spdk/replica.go snapshotLinkedCloneSrcStart, SnapshotCloneDstFinish,
 * repairCloneEntrypoint@v1.12.1.
 */
import { SpdkError } from '../blobstore/errors.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import type { CloneInfo } from '../contract.ts';
import { cloneEntrypointLvolName, cloneEntrypointParts, isCloneEntrypointLvol } from '../lvol-names.ts';
import type { LinkedCloneOptions, LinkedCloneSource } from '../options.ts';
import type { Engine } from './engine.ts';
import { chainOf } from './replica-chain.ts';
import type { Replica } from './replica.ts';

/** The entrypoint that a replica's chain goes through; undefined where it is no linked clone. */
export function cloneEntrypointOf(lvol: Lvol): Lvol | undefined {
  return chainOf(lvol).find(({ name }) => isCloneEntrypointLvol(name));
}

/**
 * Makes the source replica's entrypoint for a snapshot, or answers with the one that is there: a clone of the snapshot,
 * frozen, and the clone thrown away.
 */
function ensureCloneEntrypoint(source: Replica, snapshotName: string): Lvol {
  const { store } = source;
  const name = cloneEntrypointLvolName(source.name, snapshotName);
  const snapshot = source.snapshotLvol(snapshotName);
  const known = store.find(name);
  const intact = known?.parent.kind === 'snapshot' && known.parent.lvol === snapshot;
  if (known !== undefined && (intact || known.clones.size > 0)) return known;
  if (known !== undefined) store.delete(known);
  const temporary = store.clone(snapshot, `${name}-tmp-head`);
  const entrypoint = store.snapshot(temporary, name, {});
  store.delete(temporary);
  return entrypoint;
}

/** Hangs every replica of the clone on its source replica's entrypoint; one that cannot leaves the raid. */
export function linkReplicas(engine: Engine, request: LinkedCloneOptions): void {
  const source = sourceEngine(engine, request.sourceEngineName, request.sourceEngineAddress);
  const errors: string[] = [];
  for (const connection of engine.connectionsInMode('RW')) {
    const wanted = request.sourceReplicas[connection.name] ?? '';
    const clone: CloneInfo = {
      address: `tcp://${connection.address}`,
      fromAddress: `tcp://${source.replicas.get(wanted)?.address ?? ''}`,
      snapshotName: request.snapshotName,
      state: 'complete',
      progress: 100,
      error: '',
    };
    try {
      linkReplica(engine, { name: connection.name, source, sourceReplica: wanted, snapshotName: request.snapshotName });
      engine.clones.set(connection.name, clone);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      errors.push(message);
      engine.clones.set(connection.name, { ...clone, state: 'error', progress: 0, error: message });
      engine.setMode(connection, 'ERR');
    }
  }
  if (errors.length > 0 && engine.connectionsInMode('RW').length === 0) throw new SpdkError('EIO', errors.join('; '));
}

function linkReplica(
  engine: Engine,
  link: { name: string; source: Engine; sourceReplica: string; snapshotName: string },
): void {
  const replica = engine.replicaService(link.name);
  const sourceReplica = requireReadWrite(link.source, link.sourceReplica);
  if (replica?.store !== sourceReplica.store) {
    throw new SpdkError(
      'EINVAL',
      `failed to do snapshot linked-clone: dst replica ${link.name} is not on the disk of src replica ${link.sourceReplica}`,
    );
  }
  replica.store.setParent(replica.head(), ensureCloneEntrypoint(sourceReplica, link.snapshotName));
  replica.remember();
}

/** Before a rebuild: the source's replica on the destination's disk must serve, or there is nothing to hang on later. */
export function requireSourceServes(engine: Engine, linked: LinkedCloneSource): void {
  requireReadWrite(sourceEngine(engine, linked.engineName, linked.engineAddress), linked.replicaName);
}

/**
 * The end of a rebuild: the oldest snapshot is copied without a parent and gets the entrypoint now. Hooks may name
 * another lvol, or none.
 */
export function linkRebuilt(options: {
  engine: Engine;
  source: Replica;
  destination: Replica;
  linked: LinkedCloneSource;
}): void {
  const { engine, source, destination, linked } = options;
  const identity = cloneEntrypointOf(source.head());
  const root = chainOf(destination.head()).at(-1);
  const sourceRoot = chainOf(source.head()).find(
    ({ parent }) => parent.kind === 'snapshot' && parent.lvol === identity,
  );
  if (identity === undefined || root === undefined || sourceRoot === undefined) return;
  const { snapshot } = cloneEntrypointParts(identity.name);
  const parent = requireReadWrite(sourceEngine(engine, linked.engineName, linked.engineAddress), linked.replicaName);
  const { store, services } = destination;
  const wanted = ensureCloneEntrypoint(parent, snapshot).name;
  const snapshotName = root.name.slice(`${destination.name}-snap-`.length);
  const chosen =
    services.hooks.rebuildParent?.({
      destinationReplica: destination.name,
      snapshotName,
      wanted,
      candidates: store
        .lvols()
        .filter((lvol) => lvol.isSnapshot)
        .map((lvol) => lvol.name),
      source: sourceRoot,
      destinationStore: store,
    }) ?? wanted;
  void services.hooks.event?.({
    kind: 'parent-chosen',
    destinationReplica: destination.name,
    snapshotName,
    parent: chosen,
  });
  if (chosen !== '') store.setParent(root, store.get(chosen));
}

function sourceEngine(engine: Engine, name: string, address: string): Engine {
  const source = engine.services.peer(address).engines.get(name);
  if (source?.isRunning !== true) throw new SpdkError('EIO', `linked clone src engine ${name} is not running`);
  return source;
}

function requireReadWrite(source: Engine, replicaName: string): Replica {
  const mode = source.replicas.get(replicaName)?.mode;
  const replica = source.replicaService(replicaName);
  if (mode !== 'RW' || replica === undefined) {
    throw new SpdkError(
      'EIO',
      `linked clone src replica ${replicaName} is not in RW mode (mode ${mode ?? ''}) at replica add start`,
    );
  }
  return replica;
}
