import { badRequest } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';
import { resourceName } from '../resources/type.ts';
import type { KubeObject, ResourceName } from '../store.ts';

type Reader = (object: KubeObject) => string;

const reader = (path: string): Reader => {
  const steps = path.split('.');
  return (object) => {
    let value: unknown = object;
    for (const step of steps) value = (value as Record<string, unknown> | undefined)?.[step];
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  };
};

const paths = (...names: readonly string[]): Readonly<Record<string, Reader>> =>
  Object.fromEntries(names.map((name) => [name, reader(name)]));

/** Fields besides metadata.name and metadata.namespace that a kind can be selected by. */
const selectable: Readonly<Record<ResourceName, Readonly<Record<string, Reader>>>> = {
  pods: {
    ...paths(
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ),
    'spec.hostNetwork': (object) => String(object.spec?.hostNetwork === true),
    'status.podIPs': reader('status.podIP'),
  },
  events: {
    ...paths(
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'type',
    ),
    reportingComponent: (object) =>
      (object['reportingComponent'] as string | undefined) || (object['source']?.component as string | undefined) || '',
    source: (object) =>
      (object['source']?.component as string | undefined) || (object['reportingComponent'] as string | undefined) || '',
  },
  namespaces: paths('status.phase'),
  nodes: { 'spec.unschedulable': (object) => String(object.spec?.unschedulable === true) },
  secrets: paths('type'),
  services: paths('spec.clusterIP', 'spec.type'),
  replicationcontrollers: paths('status.replicas'),
  'replicasets.apps': paths('status.replicas'),
  'jobs.batch': { 'status.successful': (object) => String((object.status?.succeeded as number | undefined) ?? 0) },
  'certificatesigningrequests.certificates.k8s.io': paths('spec.signerName'),
};

const common = paths('metadata.name', 'metadata.namespace');

/** Custom objects outside of namespaces cannot be selected by theirs (apiextensions-apiserver:pkg/crdserverscheme@v0.36.2). */
const isCommon = (type: ResourceType, field: string): boolean =>
  common[field] !== undefined && (field !== 'metadata.namespace' || type.namespaced || type.custom === undefined);

/** events.k8s.io/v1 names the same fields differently. */
const renamed: Readonly<Record<string, string>> = {
  'regarding.kind': 'involvedObject.kind',
  'regarding.namespace': 'involvedObject.namespace',
  'regarding.name': 'involvedObject.name',
  'regarding.uid': 'involvedObject.uid',
  'regarding.apiVersion': 'involvedObject.apiVersion',
  reportingController: 'reportingComponent',
};

export interface FieldSelector {
  matches(object: KubeObject): boolean;
}

interface Term {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** The terms of a selector as written (apimachinery:pkg/fields/selector.go@v0.36.2). @throws StatusError 400 */
function termsOf(text: string): Term[] {
  // A comma behind a backslash is part of a value.
  const parts = text.match(/(?:\\[^]|[^,\\]|\\$)+/g) ?? [];
  return parts.flatMap((part) => {
    // Nothing on both sides asks for nothing.
    if (part === '=' || part === '==') return [];
    const [, field = '', operator, value = ''] = /^([^]*?)(!=|==|=)([^]*)$/.exec(part) ?? [];
    if (operator === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    return { field, equal: operator !== '!=', value: unescaped(value) };
  });
}

function unescaped(value: string): string {
  return value.replace(/\\([^]?)|([,=])/g, (_whole, escaped: string | undefined, bare: string | undefined) => {
    if (bare !== undefined)
      throw badRequest(`invalid field selector: unescaped character in value: ${bare.charCodeAt(0)}`);
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=')
      throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped ?? ''}`);
    return escaped;
  });
}

/** The one name that a selector asks for, if it does. */
export function requiredName(text: string): string | undefined {
  try {
    const name = termsOf(text).find(({ field, equal }) => field === 'metadata.name' && equal)?.value;
    return name === '' || name?.includes('/') === true ? undefined : name;
  } catch {
    return undefined;
  }
}

/** Parses a field selector. @throws StatusError 400 for fields that the kind cannot be selected by. */
export function parseFieldSelector(type: ResourceType, text: string): FieldSelector {
  const extra = { ...selectable[type.storedAs], ...paths(...(type.custom?.selectableFields ?? [])) };
  const terms = termsOf(text).map(({ field: written, equal, value }) => {
    const field = resourceName(type) === 'events.events.k8s.io' ? (renamed[written] ?? written) : written;
    const read = isCommon(type, field) ? common[field] : extra[field];
    if (read !== undefined) return { read, equal, value };
    const known = Object.keys(extra).length > 0 || type.custom !== undefined;
    throw badRequest(
      known
        ? `field label not supported: ${written}`
        : `"${written}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  });
  return { matches: (object) => terms.every(({ read, equal, value }) => (read(object) === value) === equal) };
}
