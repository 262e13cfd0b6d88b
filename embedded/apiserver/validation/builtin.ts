/** The few rules of built-in kinds that clients of a storage system run into. */
import type { FieldError } from '../errors.ts';
import { forbiddenField, invalidValue, required } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';
import { resourceName } from '../resources/type.ts';
import type { KubeObject, Payload } from '../store.ts';
import { isDeepStrictEqual } from 'node:util';

type Rule = (object: KubeObject, old: KubeObject | undefined) => FieldError[];

const immutable = (field: string): FieldError => invalidValue(field, undefined, 'field is immutable');

function configErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of Object.keys({ ...object['data'], ...object['binaryData'] })) {
    if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
      errors.push(
        invalidValue(
          `data[${key}]`,
          key,
          "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        ),
      );
    }
  }
  for (const key of Object.keys((object['binaryData']) ?? {})) {
    if ((object['data'])?.[key] !== undefined) errors.push(invalidValue(`binaryData[${key}]`, key, 'duplicate of key present in data'));
  }
  if (old?.['immutable'] === true) {
    if (object['immutable'] !== true) errors.push(forbiddenField('immutable', 'field is immutable when `immutable` is set'));
    if (!isDeepStrictEqual(object['data'], old['data'])) {
      errors.push(forbiddenField('data', 'field is immutable when `immutable` is set'));
    }
  }
  return errors;
}

const changeableInPods =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
  '`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** The part of a pod's spec that an update must leave as it was; a pod without a node may still be given one. */
function fixedPodSpec(spec: Payload, bound: boolean): Payload {
  const withoutImages = (list: unknown): Payload[] => ((list ?? []) as Payload[]).map(({ image: _image, ...rest }) => rest);
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, ephemeralContainers: _ephemeral, schedulingGates: _gates, ...rest } = spec ?? {};
  const fixed: Payload = { ...rest, containers: withoutImages(spec?.containers), initContainers: withoutImages(spec?.initContainers) };
  if (!bound) delete fixed.nodeName;
  return fixed;
}

function podErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const containers: Payload[] = object.spec?.containers ?? [];
  if (old !== undefined) {
    const bound = (old.spec?.nodeName ?? '') !== '';
    if (!isDeepStrictEqual(fixedPodSpec(object.spec, bound), fixedPodSpec(old.spec, bound))) {
      return [forbiddenField('spec', `pod updates may not change fields other than ${changeableInPods}\n`)];
    }
  }
  if (containers.length === 0) return [required('spec.containers', '')];
  return containers.flatMap((container, index) => [
    ...((container.name ?? '') === '' ? [required(`spec.containers[${index}].name`, '')] : []),
    ...((container.image ?? '') === '' ? [required(`spec.containers[${index}].image`, '')] : []),
  ]);
}

function claimErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  if (old === undefined) {
    const errors: FieldError[] = [];
    if (((object.spec?.accessModes as unknown[] | undefined) ?? []).length === 0) {
      errors.push(required('spec.accessModes', 'at least 1 access mode is required'));
    }
    if (object.spec?.resources?.requests?.storage === undefined) errors.push(required('spec.resources[storage]', ''));
    return errors;
  }
  const fixed = (spec: Payload): Payload => {
    const { resources: _resources, volumeName: _volumeName, volumeAttributesClassName: _class, ...rest } = spec ?? {};
    return rest;
  };
  const bound = old.spec?.volumeName !== undefined && object.spec?.volumeName !== old.spec.volumeName;
  if (!bound && isDeepStrictEqual(fixed(object.spec), fixed(old.spec))) return [];
  return [
    forbiddenField('spec', 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'),
  ];
}

function storageClassErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  if (old === undefined) return (object['provisioner'] ?? '') === '' ? [required('provisioner', '')] : [];
  const errors: FieldError[] = [];
  if (!isDeepStrictEqual(object['parameters'] ?? {}, old['parameters'] ?? {})) {
    errors.push(forbiddenField('parameters', 'updates to parameters are forbidden.'));
  }
  if (object['provisioner'] !== old['provisioner']) {
    errors.push(forbiddenField('provisioner', 'updates to provisioner are forbidden.'));
  }
  if (object['reclaimPolicy'] !== old['reclaimPolicy']) {
    errors.push({ ...immutable('reclaimPolicy'), message: `Invalid value: ${JSON.stringify(object['reclaimPolicy'])}: field is immutable` });
  }
  return errors;
}

const rules: Readonly<Record<string, Rule>> = {
  configmaps: configErrors,
  secrets: configErrors,
  pods: podErrors,
  persistentvolumeclaims: claimErrors,
  'storageclasses.storage.k8s.io': storageClassErrors,
};

export function builtinErrors(type: ResourceType, object: KubeObject, old: KubeObject | undefined): FieldError[] {
  return rules[resourceName(type)]?.(object, old) ?? [];
}
