import type { FieldError } from '../errors.ts';
import { forbiddenField, invalidValue, required } from '../errors.ts';
import { resourceName } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import type { KubeObject, ObjectMeta } from '../store.ts';
import { labelValueComplaints, nameErrors, qualifiedNameComplaints } from './names.ts';

/** Finalizers that need no domain (core/v1 `FinalizerKubernetes`, meta/v1 `FinalizerOrphanDependents`, `FinalizerDeleteDependents`). */
export const standardFinalizers: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

const maxAnnotationBytes = 256 * 1024;

const byKey = ([one]: readonly [string, string], [other]: readonly [string, string]): number => (one < other ? -1 : 1);

/** The checks of object metadata that are the same for every kind (apimachinery:pkg/api/validation/objectmeta.go@v0.36.2). */
export function metadataErrors(type: ResourceType, metadata: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const { generateName = '' } = metadata;
  if (generateName !== '') {
    // A prefix may end with a dash: apimachinery:pkg/api/validation/generic.go maskTrailingDash@v0.36.2.
    const masked =
      generateName.length > 1 && generateName.endsWith('-') ? `${generateName.slice(0, -2)}a` : generateName;
    for (const { message } of nameErrors(type, masked)) {
      errors.push({
        reason: 'FieldValueInvalid',
        field: 'metadata.generateName',
        message: message.replace(JSON.stringify(masked), JSON.stringify(generateName)),
      });
    }
  }
  if (metadata.name === '') errors.push(required('metadata.name', 'name or generateName is required'));
  else errors.push(...nameErrors(type, metadata.name));
  if (type.namespaced && (metadata.namespace ?? '') === '') errors.push(required('metadata.namespace', ''));
  for (const [key, value] of Object.entries(metadata.labels ?? {}).sort(byKey)) {
    for (const complaint of qualifiedNameComplaints(key)) errors.push(invalidValue('metadata.labels', key, complaint));
    for (const complaint of labelValueComplaints(value)) errors.push(invalidValue('metadata.labels', value, complaint));
  }
  for (const key of Object.keys(metadata.annotations ?? {}).sort()) {
    for (const complaint of qualifiedNameComplaints(key.toLowerCase())) {
      errors.push(invalidValue('metadata.annotations', key, complaint));
    }
  }
  const annotationBytes = Object.entries(metadata.annotations ?? {}).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (annotationBytes > maxAnnotationBytes) {
    errors.push({
      reason: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${maxAnnotationBytes} bytes`,
    });
  }
  errors.push(...ownerErrors(metadata));
  const finalizers = metadata.finalizers ?? [];
  for (const finalizer of finalizers) {
    for (const complaint of qualifiedNameComplaints(finalizer)) {
      errors.push(invalidValue('metadata.finalizers', finalizer, complaint));
    }
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(
      invalidValue('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
    );
  }
  if (type.custom === undefined && type.group !== 'apiextensions.k8s.io') errors.push(...finalizerErrors(metadata));
  return errors;
}

/** Kinds of Kubernetes proper only; custom ones get a warning. */
function finalizerErrors(metadata: ObjectMeta): FieldError[] {
  return (metadata.finalizers ?? []).flatMap((finalizer, index) =>
    finalizer.includes('/') || standardFinalizers.has(finalizer)
      ? []
      : [
          invalidValue(
            `metadata.finalizers[${index}]`,
            finalizer,
            'name is neither a standard finalizer name nor is it fully qualified',
          ),
        ],
  );
}

function ownerErrors(metadata: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const owners = metadata.ownerReferences ?? [];
  // Which of them is not said.
  const at = 'metadata.ownerReferences';
  owners.forEach((owner) => {
    // One that cannot be taken apart has no version either.
    if ((owner.apiVersion ?? '') === '' || owner.apiVersion.split('/').length > 2) {
      errors.push(invalidValue(`${at}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
    }
    for (const field of ['kind', 'name', 'uid'] as const) {
      if ((owner[field] ?? '') === '') errors.push(invalidValue(`${at}.${field}`, '', 'must not be empty'));
    }
    if (owner.kind === 'Event' && owner.apiVersion === 'v1')
      errors.push(invalidValue(at, owner, '/v1, Kind=Event is disallowed from being an owner'));
  });
  const controllers = owners.filter((owner) => owner.controller === true);
  const [first, second] = controllers;
  if (first !== undefined && second !== undefined) {
    errors.push(
      invalidValue(
        at,
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`,
      ),
    );
  }
  return errors;
}

// Kinds whose update does not check the whole object again (kubernetes:pkg/apis/core/validation@v1.36.2).
const checkedOnce = new Set(['namespaces', 'nodes']);

/**
 * Complaints about the metadata of an update. The registry checks it and then the kind does, so a client reads most of
 * them twice (apiserver:pkg/registry/rest/update.go BeforeUpdate@v0.36.2).
 */
export function metadataUpdateErrors(type: ResourceType, next: KubeObject, old: KubeObject): FieldError[] {
  const changes = changeErrors(next, old);
  const content = metadataErrors(type, next.metadata);
  const general = content.filter(({ field }) => !field.startsWith('metadata.finalizers['));
  // Labels, annotations and owners are looked at with the changes once more.
  const repeated = content.filter(({ field }) => /^metadata\.(labels|annotations|ownerReferences)/.test(field));
  const again = type.custom === undefined && !checkedOnce.has(resourceName(type)) ? content : [];
  return [...general, ...changes, ...repeated, ...changes, ...repeated, ...again];
}

/** What an update may not change in metadata. */
function changeErrors(next: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const before = old.metadata;
  const after = next.metadata;
  if (before.deletionTimestamp !== undefined) {
    const added = (after.finalizers ?? []).filter((finalizer) => !(before.finalizers ?? []).includes(finalizer));
    if (added.length > 0) {
      const found = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
      errors.push(
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`,
        ),
      );
    }
  }
  for (const field of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const) {
    if (after[field] !== before[field])
      errors.push(invalidValue(`metadata.${field}`, after[field] ?? '', 'field is immutable'));
  }
  return errors;
}
