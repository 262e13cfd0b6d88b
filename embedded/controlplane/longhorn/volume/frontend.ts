import { ownerReference } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { Engine } from '../model/engine.ts';
import type { EngineFrontend, EngineFrontendSpec } from '../model/engine-frontend.ts';
import type { VolumePass } from './volume-pass.ts';

/**
 * Creates the frontend of a V2 volume, `<volume>-ef-0`, where the release has such objects.
 * Source: longhorn-manager:controller/volume_controller.go createEngineFrontend@v1.12.1.
 */
export function createFrontend({ cluster, volume }: VolumePass, engine: Engine): EngineFrontend | undefined {
  const table = cluster.engineFrontends;
  if (table === undefined || volume.spec.dataEngine !== 'v2') return undefined;
  const name = volume.metadata.name;
  const created = table.create({
    metadata: {
      name: `${name}-ef-0`,
      labels: { [labelKeys.volume]: name, [labelKeys.node]: volume.status.currentNodeID },
      ownerReferences: [ownerReference(volume)],
    },
    spec: {
      volumeName: name,
      volumeSize: volume.spec.size,
      nodeID: volume.status.currentNodeID,
      image: volume.status.currentImage,
      desireState: 'stopped',
      logRequested: false,
      salvageRequested: false,
      dataEngine: volume.spec.dataEngine,
      size: volume.spec.size,
      frontend: volume.spec.frontend,
      targetIP: '',
      targetPort: 0,
      engineName: engine.metadata.name,
      disableFrontend: volume.status.frontendDisabled,
      active: true,
    } satisfies EngineFrontendSpec,
  });
  return structuredClone(created);
}

/** Once the engine runs, its frontend is started, and is told where it is. */
export function openFrontend({ volume, frontend }: VolumePass, engine: Engine): void {
  if (frontend === undefined) return;
  Object.assign(frontend.spec, { volumeSize: volume.spec.size, size: volume.spec.size });
  const { currentState, ip = '', storageIP = '', port = 0 } = engine.status ?? {};
  const disabled = volume.status.frontendDisabled;
  const hasTarget = port !== 0 || disabled || volume.spec.frontend === '' || volume.spec.frontend === 'ublk';
  if (currentState !== 'running' || ip === '' || !hasTarget) return;
  Object.assign(frontend.spec, {
    nodeID: volume.spec.nodeID ?? '',
    frontend: volume.spec.frontend,
    disableFrontend: disabled,
    desireState: 'running',
    ...(storageIP === '' ? {} : { targetIP: storageIP, targetPort: port, engineName: engine.metadata.name }),
  } satisfies Partial<EngineFrontendSpec>);
}

/** A volume is not attached before its frontend has the device. */
export function isFrontendOpen({ frontend }: VolumePass): boolean {
  if (frontend === undefined) return true;
  const { spec, status } = frontend;
  if (status?.currentState !== 'running') return false;
  return spec.disableFrontend || spec.frontend === '' || status.endpoint !== '';
}

/** Stopped before the engine is; true once it is. */
export function closeFrontend({ frontend }: VolumePass): boolean {
  if (frontend === undefined) return true;
  Object.assign(frontend.spec, { desireState: 'stopped', nodeID: '' } satisfies Partial<EngineFrontendSpec>);
  return frontend.status?.currentState === 'stopped';
}
