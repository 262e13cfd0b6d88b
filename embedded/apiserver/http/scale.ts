import type { KubeObject, Payload } from '../store.ts';

/** The replica count of a workload as autoscaling/v1 Scale. */
export function toScale(object: KubeObject): Payload {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const labels: Record<string, string> = object.spec?.selector?.matchLabels ?? {};
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(',');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: object.spec?.replicas ?? 0 },
    status: { replicas: object.status?.replicas ?? 0, ...(selector === '' ? {} : { selector }) },
  };
}

/** The workload with the replica count of a Scale; a stale resourceVersion in it conflicts as on the workload. */
export function fromScale(object: KubeObject, scale: Payload): KubeObject {
  const resourceVersion: string = scale.metadata?.resourceVersion ?? object.metadata.resourceVersion;
  return {
    ...object,
    metadata: { ...object.metadata, resourceVersion },
    spec: { ...object.spec, replicas: scale.spec?.replicas ?? 0 },
  };
}
