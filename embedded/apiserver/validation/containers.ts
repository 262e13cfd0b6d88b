/** What a container must have (kubernetes:pkg/apis/core/validation/validation.go validateContainerCommon@v1.36). */
import type { FieldError } from '../errors.ts';
import { forbiddenField, invalidValue, notSupportedValue, required } from '../errors.ts';
import type { Payload } from '../store.ts';
import { duplicate, labelErrors, notFoundValue, uniqueNameErrors } from './fields.ts';
import { portNameComplaints } from './names.ts';
import { quantityOf } from './quantities.ts';

type Many = readonly Payload[];

const list = (value: unknown): Many => (value ?? []) as Many;

function portErrors(container: Payload, at: string): FieldError[] {
  const names = new Set<string>();
  return list(container.ports).flatMap((port, index) => {
    const field = `${at}.ports[${index}]`;
    const {
      name = '',
      containerPort = 0,
      hostPort = 0,
      protocol,
    } = port as { name?: string; containerPort?: number; hostPort?: number; protocol?: string };
    const errors: FieldError[] =
      name === '' ? [] : portNameComplaints(name).map((complaint) => invalidValue(`${field}.name`, name, complaint));
    if (name !== '' && errors.length === 0) {
      if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
      names.add(name);
    }
    const outside = (port_: number): boolean => port_ < 1 || port_ > 65_535;
    if (containerPort === 0) errors.push(required(`${field}.containerPort`, ''));
    else if (outside(containerPort))
      errors.push(invalidValue(`${field}.containerPort`, containerPort, 'must be between 1 and 65535, inclusive'));
    if (hostPort !== 0 && outside(hostPort))
      errors.push(invalidValue(`${field}.hostPort`, hostPort, 'must be between 1 and 65535, inclusive'));
    if (protocol !== undefined && !['SCTP', 'TCP', 'UDP'].includes(protocol))
      errors.push(notSupportedValue(`${field}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']));
    return errors;
  });
}

const podFields =
  /^(?:metadata\.(?:name|namespace|uid|labels|annotations)|metadata\.(?:labels|annotations)\['[^']+'\]|spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIPs?|podIPs?))$/;
const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];

function environmentErrors(container: Payload, at: string): FieldError[] {
  return list(container.env).flatMap((variable, index) => {
    const field = `${at}.env[${index}]`;
    const { name = '', value = '', valueFrom } = variable as { name?: string; value?: string; valueFrom?: Payload };
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${field}.name`, ''));
    else if (!/^[ -<>-~]*$/.test(name))
      errors.push(
        invalidValue(
          `${field}.name`,
          name,
          "a valid environment variable name must consist only of printable ASCII characters other than '='",
        ),
      );
    if (valueFrom === undefined) return errors;
    const from = `${field}.valueFrom`;
    const given = sources.filter((source) => valueFrom[source] !== undefined);
    const path = valueFrom.fieldRef?.fieldPath as string | undefined;
    if (path !== undefined && !podFields.test(path))
      errors.push(
        invalidValue(
          `${from}.fieldRef.fieldPath`,
          path,
          `error converting fieldPath: field label not supported: ${path}`,
        ),
      );
    if (given.length === 0)
      errors.push(
        invalidValue(
          from,
          '',
          'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
        ),
      );
    else if (value !== '') errors.push(invalidValue(from, '', 'may not be specified when `value` is not empty'));
    else if (given.length > 1)
      errors.push(invalidValue(from, '', 'may not have more than one field specified at a time'));
    return errors;
  });
}

function mountErrors(container: Payload, at: string, volumes: ReadonlyMap<string, Payload>): FieldError[] {
  const paths = new Set<string>();
  return list(container.volumeMounts).flatMap((mount, index) => {
    const field = `${at}.volumeMounts[${index}]`;
    const { name = '', mountPath = '' } = mount as { name?: string; mountPath?: string };
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${field}.name`, ''));
    if (!volumes.has(name)) errors.push(notFoundValue(`${field}.name`, name));
    if (mountPath === '') errors.push(required(`${field}.mountPath`, ''));
    if (paths.has(mountPath)) errors.push(invalidValue(`${field}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    return errors;
  });
}

function deviceErrors(container: Payload, at: string, volumes: ReadonlyMap<string, Payload>): FieldError[] {
  const paths = new Set<string>();
  const names = new Set<string>();
  const mounted = new Set(list(container.volumeMounts).map((mount) => mount.name as string));
  return list(container.volumeDevices).flatMap((device, index) => {
    const field = `${at}.volumeDevices[${index}]`;
    const { name = '', devicePath = '' } = device as { name?: string; devicePath?: string };
    const errors: FieldError[] = [];
    const source = volumes.get(name);
    if (name === '') errors.push(required(`${field}.name`, ''));
    if (names.has(name)) errors.push(invalidValue(`${field}.name`, name, 'must be unique'));
    if (source !== undefined && source.persistentVolumeClaim === undefined && source.ephemeral === undefined) {
      errors.push(
        invalidValue(
          `${field}.name`,
          name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      );
    }
    if (source === undefined) errors.push(notFoundValue(`${field}.name`, name));
    if (devicePath === '') errors.push(required(`${field}.devicePath`, ''));
    if (paths.has(devicePath)) errors.push(invalidValue(`${field}.devicePath`, devicePath, 'must be unique'));
    if (devicePath.split('/').includes('..'))
      errors.push(invalidValue(`${field}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounted.has(name)) errors.push(invalidValue(`${field}.name`, name, 'must not already exist in volumeMounts'));
    if (name !== '') names.add(name);
    return errors;
  });
}

const standardResource = /^(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;

function amountErrors(amounts: Payload, field: string): FieldError[] {
  return Object.entries((amounts ?? {}) as Record<string, string>).flatMap(([name, amount]) => {
    const at = `${field}[${name}]`;
    const errors: FieldError[] = [];
    if (!name.includes('/') && !standardResource.test(name)) {
      errors.push(
        invalidValue(at, name, 'must be a standard resource type or fully qualified'),
        invalidValue(at, name, 'must be a standard resource for containers'),
      );
    }
    if (quantityOf(amount) < 0) errors.push(invalidValue(at, String(amount), 'must be greater than or equal to 0'));
    return errors;
  });
}

function resourceErrors(container: Payload, at: string): FieldError[] {
  const { limits = {}, requests = {} } = (container.resources ?? {}) as {
    limits?: Record<string, string>;
    requests?: Record<string, string>;
  };
  const over = Object.entries(requests).flatMap(([name, amount]) => {
    const limit = limits[name];
    if (limit === undefined || quantityOf(amount) <= quantityOf(limit)) return [];
    return [
      invalidValue(
        `${at}.resources.requests`,
        String(amount),
        `must be less than or equal to ${name} limit of ${limit}`,
      ),
    ];
  });
  return [
    ...amountErrors(limits, `${at}.resources.limits`),
    ...amountErrors(requests, `${at}.resources.requests`),
    ...over,
  ];
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

function probeErrors(container: Payload, at: string): FieldError[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) => {
    const probe: Payload = container[name];
    if (probe === undefined) return [];
    const [first, ...others] = handlers.filter((handler) => probe[handler] !== undefined);
    if (first === undefined) return [required(`${at}.${name}`, 'must specify a handler type')];
    return others.map((handler) =>
      forbiddenField(`${at}.${name}.${handler}`, 'may not specify more than 1 handler type'),
    );
  });
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

/** @param scene the volumes of the pod by name, and the names of the containers before this one */
export function containerErrors(
  container: Payload,
  at: string,
  scene: { volumes: ReadonlyMap<string, Payload>; names: Set<string> },
): FieldError[] {
  const errors = uniqueNameErrors((container.name ?? '') as string, `${at}.name`, scene.names);
  const image = (container.image ?? '') as string;
  if (image === '') errors.push(required(`${at}.image`, ''));
  else if (image.trim() !== image)
    errors.push(invalidValue(`${at}.image`, image, 'must not have leading or trailing whitespace'));
  errors.push(...portErrors(container, at), ...environmentErrors(container, at));
  errors.push(...mountErrors(container, at, scene.volumes), ...deviceErrors(container, at, scene.volumes));
  const policy: unknown = container.imagePullPolicy;
  if (policy !== undefined && !pullPolicies.includes(policy as string))
    errors.push(notSupportedValue(`${at}.imagePullPolicy`, policy, pullPolicies));
  return [...errors, ...resourceErrors(container, at), ...probeErrors(container, at)];
}

/** Volumes: a name, one source and what that source needs. Returns the good ones by name. */
export function volumeErrors(
  volumes: Many,
  at: string,
): { readonly errors: FieldError[]; readonly good: ReadonlyMap<string, Payload> } {
  const good = new Map<string, Payload>();
  const errors = volumes.flatMap((volume, index) => {
    const field = `${at}[${index}]`;
    const { name = '', ...source } = volume as { name?: string } & Record<string, Payload>;
    const [first, ...others] = Object.keys(source);
    const found: FieldError[] =
      first === undefined ? [required(field, 'must specify a volume type')] : sourceErrors(source, field);
    found.push(
      ...others.map((other) => forbiddenField(`${field}.${other}`, 'may not specify more than 1 volume type')),
    );
    if (name === '') found.push(required(`${field}.name`, ''));
    else found.push(...labelErrors(`${field}.name`, name));
    if (good.has(name)) found.push(duplicate(`${field}.name`, name));
    if (found.length === 0) good.set(name, source);
    return found;
  });
  return { errors, good };
}

/** The one field that a source cannot do without. */
const needed: Readonly<Record<string, string>> = {
  persistentVolumeClaim: 'claimName',
  hostPath: 'path',
  secret: 'secretName',
  configMap: 'name',
  csi: 'driver',
  nfs: 'server',
};

function sourceErrors(source: Readonly<Record<string, Payload>>, at: string): FieldError[] {
  return Object.entries(source).flatMap(([kind, value]) => {
    const field = needed[kind];
    return field !== undefined && (value?.[field] ?? '') === '' ? [required(`${at}.${kind}.${field}`, '')] : [];
  });
}
