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
  const controller = createController({
    name: 'longhorn-setting',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync(name) {
      if (name === 'v2-data-engine' && cluster.settings.flag(name)) startV2(cluster);
      setApplied(cluster, name);
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

function setApplied(cluster: LonghornCluster, name: string): void {
  cluster.settingObjects.changeStatus(name, (draft) => {
    draft.status = { applied: true };
  });
}
