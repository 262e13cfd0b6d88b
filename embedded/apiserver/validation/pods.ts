/** What a pod must have (kubernetes:pkg/apis/core/validation/validation.go ValidatePodSpec@v1.36). */
import type { FieldError } from '../errors.ts';
import { forbiddenField, invalidValue, notSupportedValue, required } from '../errors.ts';
import type { KubeObject, Payload } from '../store.ts';
import { containerErrors, volumeErrors } from './containers.ts';
import { labelErrors } from './fields.ts';
import { labelValueComplaints, qualifiedNameComplaints, subdomainComplaints } from './names.ts';
import { podUpdateErrors } from './pod-updates.ts';

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
const mostSeconds = 2 ** 31 - 1;

function selectorErrors(labels: Readonly<Record<string, string>>): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameComplaints(key).map((complaint) => invalidValue('spec.nodeSelector', key, complaint)),
    ...labelValueComplaints(value).map((complaint) => invalidValue('spec.nodeSelector', value, complaint)),
  ]);
}

function placementErrors(spec: Payload): FieldError[] {
  const {
    nodeName = '',
    hostname = '',
    subdomain = '',
    activeDeadlineSeconds: deadline,
  } = spec as {
    nodeName?: string;
    hostname?: string;
    subdomain?: string;
    activeDeadlineSeconds?: number;
  };
  const errors =
    nodeName === ''
      ? []
      : subdomainComplaints(nodeName).map((complaint) => invalidValue('spec.nodeName', nodeName, complaint));
  if (deadline !== undefined && (deadline < 1 || deadline > mostSeconds))
    errors.push(
      invalidValue('spec.activeDeadlineSeconds', deadline, `must be between 1 and ${mostSeconds}, inclusive`),
    );
  if (hostname !== '') errors.push(...labelErrors('spec.hostname', hostname));
  if (subdomain !== '') errors.push(...labelErrors('spec.subdomain', subdomain));
  return errors;
}

function specErrors(spec: Payload): FieldError[] {
  const { errors, good: volumes } = volumeErrors((spec.volumes ?? []) as Payload[], 'spec.volumes');
  const containers = (spec.containers ?? []) as Payload[];
  if (containers.length === 0) errors.push(required('spec.containers', ''));
  const scene = { volumes, names: new Set<string>() };
  containers.forEach((container, index) =>
    errors.push(...containerErrors(container, `spec.containers[${index}]`, scene)),
  );
  ((spec.initContainers ?? []) as Payload[]).forEach((container, index) =>
    errors.push(...containerErrors(container, `spec.initContainers[${index}]`, scene)),
  );
  if (!restartPolicies.includes(spec.restartPolicy as string))
    errors.push(notSupportedValue('spec.restartPolicy', spec.restartPolicy, restartPolicies));
  if (!dnsPolicies.includes(spec.dnsPolicy as string))
    errors.push(notSupportedValue('spec.dnsPolicy', spec.dnsPolicy, dnsPolicies));
  return [...errors, ...selectorErrors((spec.nodeSelector ?? {}) as Record<string, string>), ...placementErrors(spec)];
}

export function podErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const spec: Payload = object.spec ?? {};
  if (old !== undefined) return podUpdateErrors(spec, old.spec ?? {});
  const ephemeral =
    ((spec.ephemeralContainers ?? []) as unknown[]).length > 0
      ? [forbiddenField('spec.ephemeralContainers', 'cannot be set on create')]
      : [];
  return [...specErrors(spec), ...ephemeral];
}
