import type { KubeObject, NewObject, OwnerReference } from '../../../apiserver/store.ts';
import type { ClusterContext, Resources } from '../context.ts';
import { isReady, isTerminated, type Pod } from '../objects/pod.ts';
import type { PodTemplate } from '../objects/workload.ts';

export function controllerReference(owner: KubeObject): OwnerReference {
  const { apiVersion, kind } = owner;
  const { name, uid } = owner.metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return (
    object.metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === owner.metadata.uid) ??
    false
  );
}

/** The workload that controls the object, if it is of this kind, as a queue key. */
export function controllerKey(object: KubeObject, kind: string): string | undefined {
  const owner = object.metadata.ownerReferences?.find(
    (reference) => reference.controller === true && reference.kind === kind,
  );
  return owner === undefined ? undefined : `${object.metadata.namespace}/${owner.name}`;
}

export function ownedPods(resources: Resources, owner: KubeObject): Pod[] {
  const { namespace } = owner.metadata;
  return resources.pods.list(namespace === undefined ? {} : { namespace }).filter((pod) => isControlledBy(pod, owner));
}

/** Neither ended nor about to go: what counts towards a wanted number. */
export function isActive(pod: Pod): boolean {
  return !isTerminated(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function readyCount(pods: readonly Pod[]): number {
  return pods.filter((pod) => isActive(pod) && isReady(pod)).length;
}

export interface PodCreation {
  owner: KubeObject;
  template: PodTemplate;
  /** A full name for stateful pods, else the server makes one up from the prefix. */
  name: { name: string } | { generateName: string };
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  change?: (spec: PodTemplate['spec']) => void;
  component: string;
}

/** Creates a pod from a workload's template and reports it as the workload's controller. */
export function createOwnedPod(context: ClusterContext, creation: PodCreation): Pod {
  const { owner, template, component } = creation;
  const spec = structuredClone(template.spec);
  creation.change?.(spec);
  const { labels } = template.metadata ?? {};
  const annotations = { ...template.metadata?.annotations, ...creation.annotations };
  const pod: NewObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...creation.name,
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      labels: { ...labels, ...creation.labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    spec,
  };
  const created = context.resources.pods.create(pod);
  const message = `Created pod: ${created.metadata.name}`;
  context.events.record({ object: owner, type: 'Normal', reason: 'SuccessfulCreate', message, component });
  return created;
}

export function deleteOwnedPod(
  context: ClusterContext,
  options: { owner: KubeObject; pod: Pod; component: string },
): void {
  const { owner, pod, component } = options;
  context.resources.pods.delete(pod);
  const message = `Deleted pod: ${pod.metadata.name}`;
  context.events.record({ object: owner, type: 'Normal', reason: 'SuccessfulDelete', message, component });
}
