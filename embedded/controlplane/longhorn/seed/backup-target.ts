import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { longhornNamespace } from '../cluster/names.ts';
import { withCondition } from '../model/condition.ts';
import { longhornApiVersion } from '../resources/custom-resources.ts';

/**
 * The default backup target, which has no URL and so is never available.
 * Source: longhorn-manager:datastore/longhorn.go CreateOrUpdateDefaultBackupTarget,
 * controller/backup_target_controller.go reconcile@v1.8.0, v1.12.1.
 */
export function seedBackupTarget({ store, clock }: LonghornCluster, ownerID: string): void {
  const resource = 'backuptargets.longhorn.io';
  const name = 'default';
  store.create(resource, {
    apiVersion: longhornApiVersion,
    kind: 'BackupTarget',
    metadata: { name, namespace: longhornNamespace },
    spec: { backupTargetURL: '', credentialSecret: '', pollInterval: '5m0s', syncRequestedAt: null },
  });
  const unavailable = {
    type: 'Unavailable',
    status: 'True',
    reason: 'Unavailable',
    message: 'backup target URL is empty',
    now: clock.timestamp(),
  } as const;
  const setStatus = (draft: { status?: unknown }): void => {
    draft.status = { ownerID, available: false, conditions: withCondition([], unavailable), lastSyncedAt: null };
  };
  store.mutate({ resource, namespace: longhornNamespace, name }, setStatus, { subresource: 'status' });
}
