/** The few rules of built-in kinds that clients of a storage system run into. */
import type { FieldError } from '../errors.ts';
import { forbiddenField, invalidValue, notSupportedValue, required } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';
import { resourceName } from '../resources/type.ts';
import type { KubeObject, Payload } from '../store.ts';
import { isDeepStrictEqual } from 'node:util';
import { configMapErrors, secretErrors } from './config-data.ts';
import { definitionErrors } from './definitions.ts';
import { podErrors } from './pods.ts';
import { quantityOf } from './quantities.ts';

type Rule = (object: KubeObject, old: KubeObject | undefined) => FieldError[];

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const volumeModes = ['Block', 'Filesystem'];

function leaseErrors({ spec }: KubeObject): FieldError[] {
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions } = (spec ?? {}) as {
    leaseDurationSeconds?: number;
    leaseTransitions?: number;
  };
  const errors: FieldError[] = [];
  if (seconds !== undefined && seconds <= 0)
    errors.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
  if (transitions !== undefined && transitions < 0)
    errors.push(invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  return errors;
}

function claimErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  if (old === undefined) {
    const errors: FieldError[] = [];
    if (((object.spec?.accessModes as unknown[] | undefined) ?? []).length === 0) {
      errors.push(required('spec.accessModes', 'at least 1 access mode is required'));
    }
    for (const mode of (object.spec?.accessModes ?? []) as unknown[]) {
      if (!accessModes.includes(mode as string)) errors.push(notSupportedValue('spec.accessModes', mode, accessModes));
    }
    const storage = object.spec?.resources?.requests?.storage as string | number | undefined;
    if (storage === undefined) errors.push(required('spec.resources[storage]', ''));
    else if (/^[-+]?0*(?:\.0*)?[a-zA-Z]*$/.test(String(storage)) || String(storage).startsWith('-')) {
      errors.push(invalidValue('spec.resources[storage]', storage, 'must be greater than zero'));
    }
    const mode: unknown = object.spec?.volumeMode;
    if (mode !== undefined && !volumeModes.includes(mode as string))
      errors.push(notSupportedValue('spec.volumeMode', mode, volumeModes));
    return errors;
  }
  return claimUpdateErrors(object, old);
}

/** kubernetes:pkg/apis/core/validation/validation.go ValidatePersistentVolumeClaimUpdate@v1.36; a real refusal goes on with the difference. */
function claimUpdateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const claimed = (claim: KubeObject): unknown => claim.spec?.resources?.requests?.storage;
  // Only a bound claim can grow.
  const resizable = object.status?.phase === 'Bound';
  const fixed = (claim: KubeObject): Payload => {
    const { resources, volumeName: _volumeName, volumeAttributesClassName: _class, ...rest } = claim.spec ?? {};
    return { ...rest, ...(resizable ? {} : { amounts: resources }) };
  };
  const errors: FieldError[] = [];
  const rebound = old.spec?.volumeName !== undefined && object.spec?.volumeName !== old.spec.volumeName;
  if (rebound || !isDeepStrictEqual(fixed(object), fixed(old))) {
    errors.push(
      forbiddenField(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    );
  }
  // A size may be taken back that was never reached.
  if (
    quantityOf(claimed(object)) < quantityOf(claimed(old)) &&
    quantityOf(claimed(object)) <= quantityOf(old.status?.capacity?.storage)
  ) {
    errors.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  if (object.spec?.volumeMode !== old.spec?.volumeMode)
    errors.push(invalidValue('volumeMode', object.spec?.volumeMode, 'field is immutable'));
  return errors;
}

/** kubernetes:pkg/apis/core/validation/validation.go ValidatePersistentVolume@v1.36, as far as a storage system meets it. */
function volumeObjectErrors({ spec: given }: KubeObject, old: KubeObject | undefined): FieldError[] {
  const spec = given ?? {};
  const errors: FieldError[] = [];
  const modes = (spec.accessModes ?? []) as unknown[];
  if (modes.length === 0) errors.push(required('spec.accessModes', ''));
  for (const mode of modes)
    if (!accessModes.includes(mode as string)) errors.push(notSupportedValue('spec.accessModes', mode, accessModes));
  const capacity = (spec.capacity ?? {}) as Record<string, unknown>;
  if (Object.keys(capacity).length === 0) errors.push(required('spec.capacity', ''));
  if (capacity['storage'] === undefined)
    errors.push(notSupportedValue('spec.capacity', spec.capacity ?? null, ['storage']));
  else if (quantityOf(capacity['storage']) <= 0)
    errors.push(invalidValue('spec.capacity[storage]', capacity['storage'], 'must be greater than zero'));
  const sources = [
    'csi',
    'hostPath',
    'local',
    'nfs',
    'iscsi',
    'rbd',
    'fc',
    'cephfs',
    'azureDisk',
    'azureFile',
    'awsElasticBlockStore',
    'gcePersistentDisk',
  ];
  if (!sources.some((source) => spec[source] !== undefined))
    errors.push(required('spec', 'must specify a volume type'));
  const sourceOf = (of: Payload): Payload =>
    Object.fromEntries(sources.map((source) => [source, of[source] as unknown]));
  if (old !== undefined && !isDeepStrictEqual(sourceOf(spec), sourceOf(old.spec ?? {})))
    errors.push(
      forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'),
    );
  return errors;
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
  if (object['reclaimPolicy'] !== old['reclaimPolicy'])
    errors.push(forbiddenField('reclaimPolicy', 'updates to reclaimPolicy are forbidden.'));
  const mode: unknown = object['volumeBindingMode'];
  if (mode !== old['volumeBindingMode']) errors.push(invalidValue('volumeBindingMode', mode, 'field is immutable'));
  return errors;
}

/** kubernetes:pkg/apis/core/validation/validation.go ValidateNamespaceStatusUpdate@v1.36 */
function namespaceErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const phase: unknown = object.status?.phase ?? '';
  const going = object.metadata.deletionTimestamp !== undefined;
  if (old === undefined || phase === (going ? 'Terminating' : 'Active')) return [];
  const words = going
    ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
    : "may only be 'Active' if `deletionTimestamp` is empty";
  return [invalidValue('status.Phase', phase, words)];
}

/** kubernetes:pkg/apis/core/validation/events.go legacyValidateEvent@v1.36; events of what has no namespace are in the default one. */
function eventErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const { namespace = '' } = object.metadata;
  const about = (object['involvedObject']?.namespace as string | undefined) ?? '';
  const agrees = about === '' ? namespace === 'default' : about === namespace;
  return old !== undefined || agrees
    ? []
    : [invalidValue('involvedObject.namespace', about, 'does not match event.namespace')];
}

const rules: Readonly<Record<string, Rule>> = {
  configmaps: configMapErrors,
  namespaces: namespaceErrors,
  events: eventErrors,
  secrets: secretErrors,
  pods: podErrors,
  'leases.coordination.k8s.io': leaseErrors,
  persistentvolumeclaims: claimErrors,
  persistentvolumes: volumeObjectErrors,
  'storageclasses.storage.k8s.io': storageClassErrors,
  'customresourcedefinitions.apiextensions.k8s.io': definitionErrors,
};

export function builtinErrors(type: ResourceType, object: KubeObject, old: KubeObject | undefined): FieldError[] {
  return rules[resourceName(type)]?.(object, old) ?? [];
}
