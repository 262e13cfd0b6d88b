/** What a pod must have, and what of a pod may change (kubernetes:pkg/apis/core/validation/validation.go@v1.36). */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../errors.ts';
import { forbiddenField, invalidValue, notSupportedValue, required } from '../errors.ts';
import type { KubeObject, Payload } from '../store.ts';
import { labelNameComplaints } from './names.ts';

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

const duplicate = (field: string, value: unknown): FieldError => ({ reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${JSON.stringify(value)}` });
const notFound = (field: string, value: unknown): FieldError => ({ reason: 'FieldValueNotFound', field, message: `Not found: ${JSON.stringify(value)}` });

/** A name that must be a label and that no earlier one of the list has. */
function nameErrors(name: string, field: string, earlier: Set<string>): FieldError[] {
  if (name === '') return [required(field, '')];
  const errors = labelNameComplaints(name).map((complaint) => invalidValue(field, name, complaint));
  if (errors.length === 0 && earlier.has(name)) errors.push(duplicate(field, name));
  earlier.add(name);
  return errors;
}

function mountErrors(container: Payload, at: string, volumes: ReadonlySet<string>): FieldError[] {
  const paths = new Set<string>();
  return ((container.volumeMounts ?? []) as Payload[]).flatMap((mount, index) => {
    const field = `${at}.volumeMounts[${index}]`;
    const { name = '', mountPath = '' } = mount as { name?: string; mountPath?: string };
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${field}.name`, ''));
    else if (!volumes.has(name)) errors.push(notFound(`${field}.name`, name));
    if (mountPath === '') errors.push(required(`${field}.mountPath`, ''));
    if (paths.has(mountPath)) errors.push(invalidValue(`${field}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    return errors;
  });
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

function containerErrors(container: Payload, at: string, scene: { volumes: ReadonlySet<string>; names: Set<string> }): FieldError[] {
  const errors = nameErrors((container.name ?? '') as string, `${at}.name`, scene.names);
  const image = (container.image ?? '') as string;
  if (image === '') errors.push(required(`${at}.image`, ''));
  else if (image.trim() !== image) errors.push(invalidValue(`${at}.image`, image, 'must not have leading or trailing whitespace'));
  const policy: unknown = container.imagePullPolicy;
  if (policy !== undefined && !pullPolicies.includes(policy as string)) errors.push(notSupportedValue(`${at}.imagePullPolicy`, policy, pullPolicies));
  return [...errors, ...mountErrors(container, at, scene.volumes)];
}

const restartPolicies = ['Always', 'OnFailure', 'Never'];

export function podErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const spec: Payload = object.spec ?? {};
  if (old !== undefined) {
    const bound = (old.spec?.nodeName ?? '') !== '';
    if (!isDeepStrictEqual(fixedPodSpec(spec, bound), fixedPodSpec(old.spec, bound))) {
      return [forbiddenField('spec', `pod updates may not change fields other than ${changeableInPods}\n`)];
    }
  }
  const volumeNames = new Set<string>();
  const errors = ((spec.volumes ?? []) as Payload[]).flatMap((volume, index) => nameErrors((volume.name ?? '') as string, `spec.volumes[${index}].name`, volumeNames));
  const containers = (spec.containers ?? []) as Payload[];
  if (containers.length === 0) errors.push(required('spec.containers', ''));
  const scene = { volumes: volumeNames, names: new Set<string>() };
  containers.forEach((container, index) => errors.push(...containerErrors(container, `spec.containers[${index}]`, scene)));
  ((spec.initContainers ?? []) as Payload[]).forEach((container, index) => errors.push(...containerErrors(container, `spec.initContainers[${index}]`, scene)));
  if (!restartPolicies.includes(spec.restartPolicy as string)) errors.push(notSupportedValue('spec.restartPolicy', spec.restartPolicy, restartPolicies));
  return errors;
}
