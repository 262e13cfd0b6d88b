/**
 * From the body of a create or replace to an object of the kind that the path names, with the refusals of the API
 * server's decoder (apiserver:pkg/endpoints/handlers/rest.go transformDecodeError@v0.36.2,
 * apimachinery:pkg/runtime/serializer/json/json.go@v0.36.2).
 */
import { badRequest, invalid, invalidValue } from '../errors.ts';
import { groupVersion } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import type { ResourceRegistry } from '../resources/registry.ts';
import type { KubeObject, Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';
import { goSyntaxError, goValueKind } from '../wire/go-json.ts';
import { readYaml } from '../wire/yaml.ts';

// Where the schemes of the API server and of its part for definitions are declared; errors name the place.
const schemeOf = ({ group }: Pick<ResourceType, 'group'>): string =>
  group === 'apiextensions.k8s.io'
    ? 'k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:55'
    : 'pkg/api/legacyscheme/scheme.go:30';
const kindStruct = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;
const shownBytes = 30;

/** Text as an error quotes it: JSON objects as they are, anything else in hex. */
function summary(text: string): string {
  if (text === '') return '<empty>';
  const bytes = Buffer.from(text, 'utf8');
  const start = bytes.subarray(0, shownBytes);
  const shown = text.startsWith('{') ? start.toString('utf8') : start.toString('hex');
  return bytes.length > shownBytes ? `${shown} ...` : shown;
}

/** A body that could not even be asked for its kind. */
function unrecognized(type: Pick<ResourceType, 'kind'>, why: string, text: string): Error {
  return badRequest(`the object provided is unrecognized (must be of type ${type.kind}): ${why} (${summary(text)})`);
}

/**
 * Parses the text of an object. A custom kind is decoded without knowing its type, hence the other words.
 * @throws StatusError 400 in the decoder's words.
 */
export function parseObject(type: Pick<ResourceType, 'kind'>, text: string, media: string): Payload {
  if (media === 'application/yaml') {
    let read: Payload;
    try {
      read = readYaml(text).value;
    } catch (error) {
      throw unrecognized(type, (error as Error).message, text);
    }
    return objectOnly(type, read, text);
  }
  const fault = goSyntaxError(text);
  if (fault !== undefined) throw unrecognized(type, `couldn't get version/kind; json parse error: ${fault}`, text);
  return objectOnly(type, JSON.parse(text), text);
}

function objectOnly(type: Pick<ResourceType, 'kind'>, body: Payload, text: string): Payload {
  if (isObject(body)) {
    for (const field of ['apiVersion', 'kind'] as const) {
      const value = body[field] as unknown;
      if (value === undefined || value === null || typeof value === 'string') continue;
      const why = `json: cannot unmarshal ${goValueKind(value)} into Go struct field .${field} of type string`;
      throw unrecognized(type, `couldn't get version/kind; json parse error: ${why}`, text);
    }
    const { apiVersion } = body as { apiVersion?: string | null };
    if ((apiVersion ?? '').split('/').length > 2)
      throw unrecognized(type, `unexpected GroupVersion string: ${String(apiVersion)}`, text);
    return body;
  }
  // No object is one that says nothing.
  if (body === null) return {};
  throw unrecognized(
    type,
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${goValueKind(body)} into Go value of type ${kindStruct}`,
    text,
  );
}

/** The Go package of a group's internal types: `core`, `apps`, `storage`. */
function internalPackage(group: string): string {
  return group === '' ? 'core' : (group.split('.')[0] ?? group);
}

/**
 * Checks kind and version of a body against the path.
 * @throws StatusError 400: unknown kinds, other kinds, other versions.
 */
export function checkKind(registry: ResourceRegistry, type: ResourceType, body: Payload, text?: string): void {
  const expected = groupVersion(type);
  if (type.custom !== undefined) {
    const written = text ?? JSON.stringify(body);
    if ((body.kind ?? '') === '') throw unrecognized(type, `Object 'Kind' is missing in '${written}'`, written);
    if (body.apiVersion !== expected) throw wrongVersion((body.apiVersion as string | undefined) ?? '', expected);
    checkCustomKind(type, body);
    return;
  }
  const apiVersion = (body.apiVersion as string | undefined) || expected;
  const kind = (body.kind as string | undefined) || type.kind;
  if (kind === type.kind && apiVersion === expected) return;
  const version = apiVersion.split('/').at(-1) ?? apiVersion;
  const fault = kindFault(registry, type, body);
  if (fault !== undefined)
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${type.kind}: ${fault}`);
  throw wrongVersion(apiVersion, expected);
}

/**
 * Custom objects are decoded as whatever they say they are, which is checked with the rest of them.
 * @throws StatusError 422 (apiextensions-apiserver:pkg/registry/customresource/validator.go ValidateTypeMeta@v0.36.2)
 */
export function checkCustomKind(type: ResourceType, body: Payload): void {
  const { apiVersion = '', kind = '' } = body as { apiVersion?: string; kind?: string };
  const errors = [
    ...(kind === type.kind ? [] : [invalidValue('kind', kind, `must be ${type.kind}`)]),
    ...(apiVersion === groupVersion(type)
      ? []
      : [invalidValue('apiVersion', apiVersion, `must be ${groupVersion(type)}`)]),
  ];
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  if (errors.length > 0) throw invalid({ group, kind }, (body.metadata?.name as string | undefined) ?? '', errors);
}

/** Why a body is no object of a built-in kind; one of the kind in another of its versions is. */
export function kindFault(registry: ResourceRegistry, type: ResourceType, body: Payload): string | undefined {
  const apiVersion = (body.apiVersion as string | undefined) || groupVersion(type);
  const kind = (body.kind as string | undefined) || type.kind;
  if (kind === type.kind && apiVersion === groupVersion(type)) return undefined;
  const ofVersion = registry.all().filter((one) => one.custom === undefined && groupVersion(one) === apiVersion);
  const registered = ofVersion.find((one) => one.kind === kind);
  if (kind === type.kind && registered?.storedAs === type.storedAs) return undefined;
  const isList = ofVersion.some((one) => `${one.kind}List` === kind) || (kind === 'List' && apiVersion === 'v1');
  const foreign = type.group === 'apiextensions.k8s.io' && registered?.group !== type.group;
  if (foreign || (registered === undefined && !isList))
    return `no kind "${kind}" is registered for version "${apiVersion}" in scheme "${schemeOf(type)}"`;
  return `converting (${apiVersion.split('/').at(-1) ?? apiVersion}.${kind}) to (${internalPackage(type.group)}.${type.kind}): unknown conversion`;
}

function wrongVersion(given: string, expected: string): Error {
  return badRequest(`the API version in the data (${given}) does not match the expected API version (${expected})`);
}

/** Puts a body into the namespace of the path, out of any for a cluster-scoped kind. @throws StatusError 400 when it names another one. */
export function placed(type: ResourceType, namespace: string | undefined, body: Payload): KubeObject {
  body.metadata ??= {};
  // What else it is, the fields' types tell later.
  if (!isObject(body.metadata)) return body as KubeObject;
  const given = (body.metadata.namespace as string | undefined) ?? '';
  if (type.namespaced && given !== '' && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (type.namespaced) body.metadata.namespace = namespace;
  else delete body.metadata.namespace;
  return body as KubeObject;
}

/** @throws StatusError 400 when the object is not named as the path says. */
export function checkName(object: Payload, name: string): void {
  const given = (object.metadata?.name as string | undefined) ?? '';
  if (given === '')
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (given !== name)
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}
