/** Replica counts as autoscaling/v1 Scale (kubernetes:pkg/registry/apps, apiextensions-apiserver:pkg/registry/customresource/etcd.go@v0.36.2). */
import { badRequest, internalError, invalid, invalidValue } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';
import type { KubeObject, Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';

const stepsOf = (path: string): string[] => path.replace(/^\./, '').split('.');

function at(object: KubeObject, path: string | undefined): Payload {
  if (path === undefined) return undefined;
  return stepsOf(path).reduce<Payload>((value, step) => (isObject(value) ? value[step] : undefined), object);
}

/** The object with a value at a path, on a copy of what leads there. */
function withAt(object: Payload, [step = '', ...rest]: readonly string[], value: unknown): Payload {
  const inner: Payload = isObject(object) ? object : {};
  return { ...inner, [step]: rest.length === 0 ? value : withAt(inner[step], rest, value) };
}

function selectorOf(object: KubeObject): string {
  const labels: Record<string, string> = object.spec?.selector?.matchLabels ?? {};
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** The replica count of an object. @throws StatusError 500 when a custom one has none, unless it may have none */
export function toScale(type: ResourceType, object: KubeObject, wanted: 'some' | 'or none' = 'some'): Payload {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const scale = type.custom?.scale;
  const replicas = at(object, scale?.specReplicasPath ?? '.spec.replicas') as number | undefined;
  if (wanted === 'some' && scale !== undefined && replicas === undefined)
    throw internalError(`the spec replicas field ${JSON.stringify(scale.specReplicasPath)} does not exist`);
  const selector =
    scale === undefined ? selectorOf(object) : ((at(object, scale.labelSelectorPath) as string | undefined) ?? '');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    // Without the field where there is none: it is left out when it is zero.
    spec: (replicas ?? 0) === 0 ? {} : { replicas },
    status: {
      replicas: (at(object, scale?.statusReplicasPath ?? '.status.replicas') as number | undefined) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

/**
 * The object with the replica count of a Scale; a stale resourceVersion in it conflicts as on the object.
 * @throws StatusError 422 for fewer than none, 400 for no number.
 */
export function fromScale(type: ResourceType, object: KubeObject, scale: Payload): KubeObject {
  const { metadata } = object;
  const resourceVersion: string = scale.metadata?.resourceVersion ?? metadata.resourceVersion;
  const replicas = scale.spec?.replicas as number | undefined;
  const path = type.custom?.scale?.specReplicasPath ?? '.spec.replicas';
  if (type.custom !== undefined && replicas === undefined)
    throw badRequest(`the spec replicas field ${JSON.stringify(path)} cannot be empty`);
  if (replicas !== undefined && replicas < 0) {
    throw type.custom === undefined
      ? invalid({ group: 'autoscaling', kind: 'Scale' }, metadata.name, [
          invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
        ])
      : invalid(type, metadata.name, [invalidValue(path, replicas, 'should be a non-negative integer')]);
  }
  return {
    ...(withAt(object, stepsOf(path), replicas ?? 0) as KubeObject),
    metadata: { ...metadata, resourceVersion },
  };
}
