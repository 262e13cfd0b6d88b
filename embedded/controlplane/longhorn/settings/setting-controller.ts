import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { instanceManagerName } from '../cluster/names.ts';
import type { Setting } from '../model/node.ts';
import { seedInstanceManager } from '../seed/instance-managers.ts';

/** Applies what needs an action; everybody else reads a setting's value when it is needed. */
export function startSettingController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const applied = new Map(cluster.settingObjects.list().map(({ metadata, value }) => [metadata.name, value]));
  const controller = createController({
    name: 'longhorn-setting',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync(name) {
      const { value } = cluster.settingObjects.get(name) ?? {};
      if (value === undefined) return;
      const obstacle = applied.get(name) === value ? undefined : obstacleTo(cluster, name);
      setApplied(cluster, name, obstacle === undefined);
      // Tried again, with growing delay.
      if (obstacle !== undefined) throw new Error(obstacle);
      applied.set(name, value);
      if (name === 'v2-data-engine' && cluster.settings.flag(name)) startV2(cluster);
    },
  });
  cluster.store.watch(cluster.settingObjects.resource, (event) => {
    const changed = (event.previous as Setting | undefined)?.value !== (event.object as Setting).value;
    if (event.type === 'DELETED' || !changed) return;
    controller.enqueue(event.object.metadata.name);
  });
  return controller;
}

/** Turning V2 on brings an instance manager to every node; block disks can be added then. */
function startV2(cluster: LonghornCluster): void {
  for (const node of cluster.nodes.list()) {
    const name = instanceManagerName(cluster.profile.images.instanceManager, node.metadata.name, 'v2');
    if (cluster.instanceManagers.get(name) === undefined) seedInstanceManager(cluster, node.metadata.name, 'v2');
  }
}

/** Settings of pods, which are not made anew under the volumes that they serve. */
const waitsForDetachment = new Set([
  'priority-class',
  'storage-network',
  'system-managed-components-node-selector',
  'taint-toleration',
]);
const waitsForEngines = new Set(['guaranteed-instance-manager-cpu', 'v2-data-engine-guaranteed-instance-manager-cpu']);

/** Source: longhorn-manager:controller/setting_controller.go syncDangerZoneSettingsForManagedComponents@v1.8.0, v1.12.1. */
function obstacleTo(cluster: LonghornCluster, name: string): string | undefined {
  const words = `failed to apply ${name} setting to Longhorn components when there are`;
  if (waitsForDetachment.has(name) && cluster.volumes.list().some((volume) => volume.status?.state !== 'detached')) {
    return `${words} attached volumes. It will be eventually applied`;
  }
  if (waitsForEngines.has(name) && cluster.engines.list().some((engine) => engine.status?.currentState === 'running')) {
    return `${words} running engine instances. It will be eventually applied`;
  }
  return undefined;
}

function setApplied(cluster: LonghornCluster, name: string, applied: boolean): void {
  cluster.settingObjects.changeStatus(name, (draft) => {
    draft.status = { applied };
  });
}
