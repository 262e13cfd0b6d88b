import type { KubeObject } from '../../../apiserver/store.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { forbidden } from './denial.ts';

/** The rules of one kind; each may throw a denial. Only `mutate` may edit the object. */
export interface Webhook<T extends KubeObject> {
  /** `untouched` when the mutator gives the object back as it came, without even a finalizer. */
  mutateCreate?(cluster: LonghornCluster, object: T): 'untouched' | void;
  mutateUpdate?(cluster: LonghornCluster, object: T, old: T): void;
  validateCreate?(cluster: LonghornCluster, object: T): void;
  validateUpdate?(cluster: LonghornCluster, object: T, old: T): void;
  validateDelete?(cluster: LonghornCluster, object: T): void;
}

/** Source: longhorn-manager:webhook/common/common.go ValidateRequiredDataEngineEnabled. */
export function requireEngineEnabled(cluster: LonghornCluster, dataEngine: string): void {
  const setting = dataEngine === 'v2' ? 'v2-data-engine' : 'v1-data-engine';
  if (!cluster.settings.flag(setting)) throw forbidden(`${setting} data engine is not enabled`);
}

export function addLabels(object: KubeObject, labels: Readonly<Record<string, string>>): void {
  object.metadata.labels = { ...object.metadata.labels, ...labels };
}

/** Go's empty text is the same as none. */
export function defaultEngine(object: { spec?: unknown }, dataEngine: 'v1' | 'v2'): void {
  const spec = object.spec as { dataEngine?: string } | undefined;
  if (spec !== undefined && (spec.dataEngine ?? '') === '') spec.dataEngine = dataEngine;
}
