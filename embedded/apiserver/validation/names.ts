import { invalidValue } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';

const patterns = {
  subdomain: new RegExp(`^${subdomain}$`),
  label: new RegExp(`^${label}$`),
  label1035: new RegExp(`^${label1035}$`),
  qualified: new RegExp(`^${qualifiedPart}$`),
  value: new RegExp(`^${labelValue}$`),
};

const complaints = {
  subdomain:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
    `with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`,
  label:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
    `alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
  label1035:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end " +
    `with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${label1035}')`,
  qualified:
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
    `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedPart}')`,
  value:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with " +
    `an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelValue}')`,
} as const;

type NameRule = 'subdomain' | 'label' | 'label1035' | 'path';

function ruleFor(type: Pick<ResourceType, 'group' | 'plural'>): NameRule {
  if (type.group === 'rbac.authorization.k8s.io' || type.group === 'apiregistration.k8s.io') return 'path';
  if (type.group !== '') return 'subdomain';
  if (type.plural === 'namespaces') return 'label';
  return type.plural === 'services' ? 'label1035' : 'subdomain';
}

/** Checks metadata.name as the kind's strategy does. */
export function nameErrors(type: Pick<ResourceType, 'group' | 'plural'>, name: string): FieldError[] {
  const rule = ruleFor(type);
  if (rule === 'path') {
    if (name === '.' || name === '..') return [invalidValue('metadata.name', name, `may not be '${name}'`)];
    return ['/', '%']
      .filter((sign) => name.includes(sign))
      .map((sign) => invalidValue('metadata.name', name, `may not contain '${sign}'`));
  }
  if (rule === 'label')
    return labelNameComplaints(name).map((complaint) => invalidValue('metadata.name', name, complaint));
  const longest = rule === 'subdomain' ? 253 : 63;
  const errors: FieldError[] = [];
  if (name.length > longest)
    errors.push(invalidValue('metadata.name', name, `must be no more than ${longest} characters`));
  if (!patterns[rule].test(name)) errors.push(invalidValue('metadata.name', name, complaints[rule]));
  return errors;
}

/** What is wrong with a name that must be a DNS label, such as a container's. */
export function labelNameComplaints(name: string): string[] {
  const found = name.length > 63 ? ['must be no more than 63 characters'] : [];
  if (patterns.label.test(name)) return found;
  // Short enough for a label, a subdomain can only have dots too many (apimachinery:pkg/util/validation/validation.go@v0.36.2).
  return [...found, patterns.subdomain.test(name) ? 'must not contain dots' : complaints.label];
}

/** What is wrong with a name that must begin with a letter as well, such as those that a definition gives. */
export function label1035Complaints(name: string): string[] {
  const found = name.length > 63 ? ['must be no more than 63 characters'] : [];
  return patterns.label1035.test(name) ? found : [...found, complaints.label1035];
}

/** What is wrong with a name that must be a DNS subdomain, such as a node's. */
export function subdomainComplaints(name: string): string[] {
  const found = name.length > 253 ? ['must be no more than 253 characters'] : [];
  return patterns.subdomain.test(name) ? found : [...found, complaints.subdomain];
}

/** What is wrong with the name of a port (IsValidPortName). */
export function portNameComplaints(name: string): string[] {
  const found: string[] = [];
  if (name.length > 15) found.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name)) found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) found.push('must contain at least one letter (a-z)');
  if (name.includes('--')) found.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) found.push('must not begin or end with a hyphen');
  return found;
}

/** Checks `prefix/name` keys of labels, annotations and finalizers. */
export function qualifiedNameComplaints(key: string): string[] {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const complaintsFound: string[] = [];
  if (parts.length > 2) {
    return [
      `a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric ` +
        `character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedPart}') with an ` +
        `optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') complaintsFound.push('prefix part must be non-empty');
    else {
      if (prefix.length > 253) complaintsFound.push('prefix part must be no more than 253 bytes');
      if (!patterns.subdomain.test(prefix)) complaintsFound.push(`prefix part ${complaints.subdomain}`);
    }
  }
  if (name === '') complaintsFound.push('name part must be non-empty');
  else if (name.length > 63) complaintsFound.push('name part must be no more than 63 bytes');
  if (!patterns.qualified.test(name)) complaintsFound.push(complaints.qualified);
  return complaintsFound;
}

export function labelValueComplaints(value: string): string[] {
  const found: string[] = [];
  if (value.length > 63) found.push('must be no more than 63 bytes');
  if (!patterns.value.test(value)) found.push(complaints.value);
  return found;
}
