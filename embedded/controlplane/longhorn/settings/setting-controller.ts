import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { Setting } from '../model/node.ts';

/** A changed setting shows `applied: false` until its controller has seen it. Everybody else reads the value directly. */
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
      setApplied(cluster, name, true);
    },
  });
  cluster.store.watch(cluster.settingObjects.resource, (event) => {
    const changed = (event.previous as Setting | undefined)?.value !== (event.object as Setting).value;
    if (event.type === 'DELETED' || !changed) return;
    controller.enqueue(event.object.metadata.name);
  });
  return controller;
}

function setApplied(cluster: LonghornCluster, name: string, applied: boolean): void {
  cluster.settingObjects.changeStatus(name, (draft) => {
    draft.status = { applied };
  });
}
