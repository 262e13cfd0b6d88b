/** CustomResourceDefinitions (apiextensions-apiserver:pkg/apis/apiextensions/validation/validation.go@v0.36.2); rules in CEL are not looked into. */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../errors.ts';
import { invalidValue, notSupportedValue, required } from '../errors.ts';
import type { KubeObject, Payload } from '../store.ts';
import { label1035Complaints, subdomainComplaints } from './names.ts';
import { structureErrors } from './structure.ts';

const fixed = 'field is immutable';

/** Whether a definition has a condition that holds. */
export function holdsCondition(definition: KubeObject, type: string): boolean {
  return ((definition.status?.conditions ?? []) as Payload[]).some((one) => one.type === type && one.status === 'True');
}

export function definitionErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const { spec = {}, metadata } = object;
  // A write of the status is not held to what the definition says.
  if (old !== undefined && isDeepStrictEqual(spec, old.spec)) return [];
  const errors: FieldError[] = [];
  const wanted = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`;
  if (old === undefined && metadata.name !== '' && metadata.name !== wanted)
    errors.push(invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  errors.push(...specErrors(spec));
  if (old !== undefined && holdsCondition(old, 'Established')) errors.push(...changeErrors(spec, old.spec));
  errors.push(...storedErrors(object), ...approvalErrors(object, old));
  if (spec.preserveUnknownFields === true && old?.spec.preserveUnknownFields !== true) {
    errors.push(
      invalidValue(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  }
  return errors;
}

function specErrors(spec: Payload): FieldError[] {
  const errors: FieldError[] = [];
  const group: string = spec.group ?? '';
  if (group === '') errors.push(required('spec.group', ''));
  else if (subdomainComplaints(group).length > 0)
    errors.push(...subdomainComplaints(group).map((complaint) => invalidValue('spec.group', group, complaint)));
  else if (!group.includes('.'))
    errors.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'));
  const scope: string = spec.scope ?? '';
  if (scope === '') errors.push(required('spec.scope', ''));
  else if (scope !== 'Cluster' && scope !== 'Namespaced')
    errors.push(notSupportedValue('spec.scope', scope, ['Cluster', 'Namespaced']));
  errors.push(...versionsErrors((spec.versions ?? []) as Payload[], spec.versions), ...namesErrors(spec.names ?? {}));
  const { strategy } = spec.conversion ?? {};
  if (strategy !== undefined && strategy !== 'None' && strategy !== 'Webhook')
    errors.push(notSupportedValue('spec.conversion.strategy', strategy, ['None', 'Webhook']));
  return errors;
}

/** How the server prints what it has of a version; schemas and the rest are elsewhere in its own form. */
const printed = (version: Payload): Payload => ({
  Name: version.name,
  Served: version.served ?? false,
  Storage: version.storage ?? false,
  Deprecated: version.deprecated ?? false,
  DeprecationWarning: version.deprecationWarning ?? null,
  Schema: null,
  Subresources: null,
  AdditionalPrinterColumns: null,
  SelectableFields: null,
});

function versionsErrors(versions: readonly Payload[], written: Payload): FieldError[] {
  const errors: FieldError[] = [];
  const shown: unknown = written === undefined || written === null ? null : versions.map(printed);
  if (versions.filter(({ storage }) => storage === true).length !== 1)
    errors.push(invalidValue('spec.versions', shown, 'must have exactly one version marked as storage version'));
  if (new Set(versions.map(({ name }) => name as string)).size < versions.length)
    errors.push(invalidValue('spec.versions', shown, 'must contain unique version names'));
  // What is the same in every version, the server keeps once, above them.
  const alone = versions.length === 1;
  versions.forEach((version, index) => {
    const at = `spec.versions[${index}]`;
    errors.push(
      ...label1035Complaints(String(version.name ?? '')).map((complaint) =>
        invalidValue(`${at}.name`, version.name ?? '', complaint),
      ),
    );
    const { deprecated, deprecationWarning: warning, schema } = version;
    if (warning !== undefined && deprecated !== true)
      errors.push(invalidValue(`${at}.deprecationWarning`, warning, 'can only be set for deprecated versions'));
    else if (typeof warning === 'string' && warning.length > 256)
      errors.push(invalidValue(`${at}.deprecationWarning`, warning, 'must be <= 256 characters long'));
    if (schema?.openAPIV3Schema === undefined) errors.push(required(`${at}.schema.openAPIV3Schema`, ''));
    else
      errors.push(
        ...structureErrors(schema.openAPIV3Schema, `${alone ? 'spec.validation' : `${at}.schema`}.openAPIV3Schema`),
      );
    errors.push(
      ...columnErrors(
        (version.additionalPrinterColumns ?? []) as Payload[],
        `${alone ? 'spec' : at}.additionalPrinterColumns`,
      ),
    );
  });
  return errors;
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];

function columnErrors(columns: readonly Payload[], path: string): FieldError[] {
  return columns.flatMap(({ name = '', type = '', jsonPath = '' }, index) => {
    const at = `${path}[${index}]`;
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${at}.name`, ''));
    if (type === '') errors.push(required(`${at}.type`, `must be one of ${columnTypes.join(',')}`));
    else if (!columnTypes.includes(type as string))
      errors.push(invalidValue(`${at}.type`, type, `must be one of ${columnTypes.join(',')}`));
    if (jsonPath === '') errors.push(required(`${at}.JSONPath`, ''));
    else if (!String(jsonPath).startsWith('.'))
      errors.push(invalidValue(`${at}.JSONPath`, jsonPath, 'must be a simple json path starting with .'));
    return errors;
  });
}

function namesErrors(names: Payload): FieldError[] {
  const errors: FieldError[] = [];
  const check = (field: string, value: string, introduction = ''): void => {
    if (value === '') errors.push(required(`spec.names.${field}`, ''));
    else
      errors.push(
        ...label1035Complaints(introduction === '' ? value : value.toLowerCase()).map((complaint) =>
          invalidValue(`spec.names.${field}`, value, `${introduction}${complaint}`),
        ),
      );
  };
  const mixed = 'may have mixed case, but should otherwise match: ';
  check('plural', names.plural ?? '');
  check('singular', names.singular ?? '');
  check('kind', names.kind ?? '', mixed);
  check('listKind', names.listKind ?? '', mixed);
  for (const field of ['shortNames', 'categories']) {
    ((names[field] ?? []) as string[]).forEach((one, index) => {
      errors.push(
        ...label1035Complaints(one).map((complaint) => invalidValue(`spec.names.${field}[${index}]`, one, complaint)),
      );
    });
  }
  if ((names.kind ?? '') !== '' && names.kind === names.listKind)
    errors.push(invalidValue('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  return errors;
}

/** What an established definition may not change any more. */
function changeErrors(spec: Payload, old: Payload): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.scope !== old.scope) errors.push(invalidValue('spec.scope', spec.scope, fixed));
  if (spec.names?.kind !== old.names?.kind) errors.push(invalidValue('spec.names.kind', spec.names?.kind, fixed));
  if (spec.names?.plural !== old.names?.plural)
    errors.push(invalidValue('spec.names.plural', spec.names?.plural, fixed));
  if (spec.group !== old.group) errors.push(invalidValue('spec.group', spec.group, fixed));
  return errors;
}

function storedErrors({ spec, status }: KubeObject): FieldError[] {
  const stored = (status?.storedVersions ?? []) as string[];
  const at = 'status.storedVersions';
  if (stored.length === 0) return [invalidValue(at, null, 'must have at least one stored version')];
  const versions = (spec?.versions ?? []) as Payload[];
  const missing = versions.find(({ name, storage }) => storage === true && !stored.includes(name as string));
  const errors =
    missing === undefined ? [] : [invalidValue(at, stored, `must have the storage version ${String(missing.name)}`)];
  stored.forEach((name, index) => {
    if (versions.some((version) => version.name === name)) return;
    errors.push(
      invalidValue(
        `${at}[${index}]`,
        name,
        `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
      ),
    );
  });
  return errors;
}

const approval = 'api-approved.kubernetes.io';
const proposal = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Groups of Kubernetes' own are for what Kubernetes has approved. */
function approvalErrors({ spec, metadata }: KubeObject, old: KubeObject | undefined): FieldError[] {
  const group = String(spec?.group ?? '');
  const given = metadata.annotations?.[approval];
  if (
    !/(^|\.)(k8s|kubernetes)\.io$/.test(group) ||
    (old !== undefined && old.metadata.annotations?.[approval] === given)
  )
    return [];
  const field = `metadata.annotations[${approval}]`;
  if (given === undefined || given === '')
    return [required(field, `protected groups must have approval annotation ${JSON.stringify(approval)}, ${proposal}`)];
  if (given.startsWith('unapproved') || URL.canParse(given)) return [];
  return [
    invalidValue(
      field,
      given,
      `protected groups must have approval annotation ${JSON.stringify(approval)} with either a URL or a reason starting with "unapproved", ${proposal}`,
    ),
  ];
}
