import type { Engine } from '../model/engine.ts';
import { setFailedAt } from '../model/replica.ts';
import { maxRebuildRetries } from '../scheduler/replica-scheduler.ts';
import { closeFrontend, isFrontendOpen, openFrontend } from './frontend.ts';
import { replicaList, setVolumeCondition } from './volume-pass.ts';
import type { VolumePass } from './volume-pass.ts';

/**
 * Starts the replicas and, once every scheduled and not failed one is running, the engine with all their addresses.
 * Source: longhorn-manager:controller/volume_controller.go openVolumeDependentResources@v1.11.3.
 */
export function openDependents(pass: VolumePass, engine: Engine): void {
  const { volume } = pass;
  for (const replica of replicaList(pass)) {
    if (replica.spec.nodeID === '' || replica.spec.failedAt !== '') continue;
    if (replica.status?.currentState === 'stopped') replica.spec.desireState = 'running';
  }
  const addresses: Record<string, string> = {};
  for (const replica of replicaList(pass)) {
    const status = replica.status;
    if (replica.spec.nodeID === '' || replica.spec.failedAt !== '') continue;
    if (status?.currentState === 'error') continue;
    if (status?.currentState !== 'running') return;
    if (status.storageIP === '' || status.port === 0) continue;
    addresses[replica.metadata.name] = `${status.storageIP}:${String(status.port)}`;
  }
  if (Object.keys(addresses).length === 0) {
    throw new Error(`volume ${volume.metadata.name}: no healthy or scheduled replica for starting`);
  }
  engine.spec.nodeID = volume.spec.nodeID ?? '';
  engine.spec.replicaAddressMap = addresses;
  engine.spec.desireState = 'running';
  engine.spec.disableFrontend = volume.status.frontendDisabled;
  engine.spec.frontend = volume.spec.frontend;
  openFrontend(pass, engine);
}

export function areDependentsOpen(pass: VolumePass, engine: Engine): boolean {
  const anyRunning = replicaList(pass).some((replica) => replica.status?.currentState === 'running');
  return anyRunning && engine.status?.currentState === 'running' && isFrontendOpen(pass);
}

/**
 * Stops the frontend first, where it is an object of its own, then the engine, then the replicas; a replica that was being rebuilt has failed by that.
 * Source: longhorn-manager:controller/volume_controller.go closeVolumeDependentResources@v1.11.3.
 */
export function closeDependents(pass: VolumePass, engine: Engine): void {
  const { volume } = pass;
  setVolumeCondition(pass, 'Restore', 'False');
  if (volume.status.robustness !== 'faulted') volume.status.robustness = 'unknown';
  if (!closeFrontend(pass)) return;
  if (engine.spec.desireState !== 'stopped' || engine.spec.nodeID !== '') {
    engine.spec.nodeID = '';
    engine.spec.desireState = 'stopped';
  }
  if (engine.status?.currentState !== 'stopped') return;
  const dataExists = replicaList(pass).some((replica) => replica.spec.healthyAt !== '');
  for (const replica of replicaList(pass)) {
    if (replica.spec.healthyAt === '' && replica.spec.failedAt === '' && dataExists) {
      setFailedAt(replica, pass.now);
      if (replica.spec.nodeID === '' || replica.spec.diskID === '') replica.spec.rebuildRetryCount = maxRebuildRetries;
    }
    replica.spec.desireState = 'stopped';
  }
}

export function areDependentsClosed(pass: VolumePass, engine: Engine): boolean {
  const stopped = replicaList(pass).every((replica) => replica.status?.currentState === 'stopped');
  return (
    stopped &&
    engine.status?.currentState === 'stopped' &&
    (pass.frontend?.status?.currentState ?? 'stopped') === 'stopped'
  );
}
