import type { KubeObject } from '../../../apiserver/store.ts';
import type { InstanceSpec, InstanceStatus } from './instance.ts';

/** Source: longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/replica.go. Times are RFC 3339 or empty. */
export interface ReplicaSpec extends InstanceSpec {
  engineName: string;
  migrationEngineName: string;
  healthyAt: string;
  lastHealthyAt: string;
  failedAt: string;
  lastFailedAt: string;
  /** The disk's UUID; for a block disk the lvstore's. */
  diskID: string;
  diskPath: string;
  dataDirectoryName: string;
  backingImage: string;
  active: boolean;
  hardNodeAffinity: string;
  revisionCounterDisabled: boolean;
  unmapMarkDiskChainRemovedEnabled: boolean;
  /** Not 0 marks a replica that is (or will be) rebuilt. */
  rebuildRetryCount: number;
  evictionRequested: boolean;
  snapshotMaxCount: number;
  snapshotMaxSize: string;
  /** Of a linked clone: the source's replica on the same disk (from 1.12.1). */
  linkedCloneSrcReplicaName?: string;
}

export interface Replica extends KubeObject {
  spec: ReplicaSpec;
  status?: InstanceStatus;
}

export function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** Source: longhorn-manager:datastore/longhorn.go IsAvailableHealthyReplica@v1.11.3. */
export function isAvailableHealthy(replica: Replica): boolean {
  return !isTerminating(replica) && replica.spec.failedAt === '' && replica.spec.healthyAt !== '';
}

/** Source: longhorn-manager:controller/replica_controller.go IsRebuildingReplica@v1.11.3. */
export function isRebuilding(replica: Replica): boolean {
  return replica.spec.rebuildRetryCount !== 0 && replica.spec.healthyAt === '' && replica.spec.failedAt === '';
}

export function setFailedAt(replica: Replica, time: string): void {
  replica.spec.failedAt = time;
  if (time !== '') replica.spec.lastFailedAt = time;
}
