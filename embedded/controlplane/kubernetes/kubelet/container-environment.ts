import type { Resources } from '../context.ts';
import type { Container, EnvVar, Pod } from '../objects/pod.ts';
import { fieldValue } from './field-reference.ts';

/** A container cannot be created as its spec says; shown as CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ContainerConfigError';
  }
}

type Values = Record<string, string>;

/** Replaces `$(NAME)` of known variables; `$$` is a literal dollar, an unknown reference stays as it is. */
export function expandVariables(text: string, values: Readonly<Values>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (found, name: string | undefined) =>
    name === undefined ? '$' : (values[name] ?? found),
  );
}

function decode(data: Readonly<Values> | undefined): Values {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

interface Source {
  kind: 'configmap' | 'secret';
  name: string;
  optional: boolean;
}

/** The data of a ConfigMap or Secret; undefined when it is missing and may be. */
function dataOf(resources: Resources, pod: Pod, source: Source): Values | undefined {
  const { kind, name } = source;
  const namespace = pod.metadata.namespace;
  const found =
    kind === 'configmap' ? resources.configMaps.get(name, namespace) : resources.secrets.get(name, namespace);
  if (found === undefined) {
    if (source.optional) {
      return undefined;
    }
    throw new ContainerConfigError(`${kind} "${name}" not found`);
  }
  return kind === 'configmap' ? found.data : decode(found.data);
}

function valueOf(resources: Resources, pod: Pod, variable: EnvVar): string | undefined {
  const { fieldRef, configMapKeyRef, secretKeyRef, resourceFieldRef } = variable.valueFrom ?? {};
  if (fieldRef !== undefined) {
    const value = fieldValue(pod, fieldRef.fieldPath);
    if (value === undefined) {
      throw new ContainerConfigError(`unsupported fieldPath: ${fieldRef.fieldPath}`);
    }
    return value;
  }
  const reference = configMapKeyRef ?? secretKeyRef;
  if (reference !== undefined) {
    const kind = configMapKeyRef === undefined ? 'secret' : 'configmap';
    const { name, key, optional = false } = reference;
    const data = dataOf(resources, pod, { kind, name, optional });
    const value = data?.[key];
    if (value === undefined && !optional) {
      const title = kind === 'secret' ? 'Secret' : 'ConfigMap';
      throw new ContainerConfigError(`couldn't find key ${key} in ${title} ${pod.metadata.namespace}/${name}`);
    }
    return value;
  }
  return resourceFieldRef === undefined ? '' : '0';
}

/**
 * The variables that the container's spec declares, in its order: `envFrom` first, later ones win, and `$(NAME)` refers
 * to those before. Throws ContainerConfigError, worded as kubelet does, when a source is missing.
 */
export function declaredVariables(resources: Resources, pod: Pod, container: Container): Values {
  const values: Values = {};
  for (const source of container.envFrom ?? []) {
    const reference = source.configMapRef ?? source.secretRef;
    if (reference === undefined) {
      continue;
    }
    const kind = source.configMapRef === undefined ? 'secret' : 'configmap';
    const data = dataOf(resources, pod, { kind, name: reference.name, optional: reference.optional ?? false });
    for (const [key, value] of Object.entries(data ?? {})) {
      values[`${source.prefix ?? ''}${key}`] = value;
    }
  }
  for (const variable of container.env ?? []) {
    if (variable.valueFrom === undefined) {
      values[variable.name] = expandVariables(variable.value ?? '', values);
      continue;
    }
    const value = valueOf(resources, pod, variable);
    if (value !== undefined) {
      values[variable.name] = value;
    }
  }
  return values;
}
