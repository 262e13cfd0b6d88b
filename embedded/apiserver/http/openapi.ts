/** OpenAPI documents: v3 per group version, v2 as a whole; enough for `kubectl explain`, `apply` and validation. */
import { createHash } from 'node:crypto';
import type { ResourceRegistry } from '../resources/registry.ts';
import { groupVersion } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import { goName, kindSchema, modelSchema } from '../schema/kinds.ts';
import type { NamedSchema } from '../schema/kinds.ts';
import { StatusError } from '../store.ts';
import type { Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';
import type { Schema } from '../validation/schema.ts';
import { sendJson, sendPageNotFound } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { serverVersion } from './version.ts';

const info = { title: 'Kubernetes', version: serverVersion.gitVersion };

/** Collects the definitions that a document refers to. */
class Definitions {
  readonly schemas: Record<string, Payload> = {};
  private readonly base: string;

  constructor(base: string) {
    this.base = base;
  }

  private nameOf(model: string): string {
    const version = /V(\d+(?:(?:alpha|beta)\d+)?)/.exec(model)?.[1] ?? '1';
    const meta =
      /^V1(ObjectMeta|OwnerReference|ManagedFieldsEntry|LabelSelector|LabelSelectorRequirement|ListMeta|Condition|DeleteOptions|Preconditions)$/.test(
        model,
      );
    return `${meta ? 'io.k8s.apimachinery.pkg.apis.meta' : 'io.k8s.api.core'}.v${version}.${goName(model)}`;
  }

  addKind(name: string, type: ResourceType, schema: Schema): void {
    const { group, version, kind } = type;
    this.schemas[name] = {
      ...(this.inline(schema) as object),
      'x-kubernetes-group-version-kind': [{ group, kind, version }],
    };
  }

  private refer(schema: NamedSchema): Payload {
    const { modelName, description } = schema;
    if (modelName === undefined) return this.inline(schema);
    const name = this.nameOf(modelName);
    if (this.schemas[name] === undefined) {
      // Entered before it is filled in, because models refer to themselves.
      const entry: Record<string, Payload> = {};
      this.schemas[name] = entry;
      Object.assign(entry, this.inline(modelSchema(modelName)));
    }
    const reference = { $ref: `${this.base}${name}` };
    return description === undefined ? reference : { description, allOf: [reference] };
  }

  private inline(schema: Schema): Payload {
    const { properties, items, additionalProperties, required, ...rest } = schema as NamedSchema;
    const plain: Record<string, Payload> = { ...rest };
    delete plain['modelName'];
    return {
      ...plain,
      ...(properties === undefined
        ? {}
        : { properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, this.refer(one)])) }),
      ...(items === undefined ? {} : { items: this.refer(items) }),
      ...(isObject(additionalProperties) ? { additionalProperties: this.refer(additionalProperties) } : {}),
      ...(required === undefined || required.length === 0 ? {} : { required }),
    };
  }
}

function schemaOf(type: ResourceType): Schema | undefined {
  if (type.custom === undefined) return kindSchema(type);
  const schema = (type.custom.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }) as Schema;
  const string = { type: 'string' };
  return {
    ...schema,
    properties: { apiVersion: string, kind: string, ...schema.properties, metadata: modelSchema('V1ObjectMeta') },
  };
}

function definitionName(type: ResourceType): string {
  if (type.custom === undefined)
    return `io.k8s.api.${type.group === '' ? 'core' : (type.group.split('.')[0] ?? '')}.${type.version}.${type.kind}`;
  return `${type.group.split('.').toReversed().join('.')}.${type.version}.${type.kind}`;
}

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
  name,
  in: 'query',
  schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
}));

function pathsOf(types: readonly ResourceType[]): Payload {
  const paths: Record<string, Payload> = {};
  for (const type of types) {
    const root = type.group === '' ? `/api/${type.version}` : `/apis/${groupVersion(type)}`;
    const scoped = type.namespaced ? `${root}/namespaces/{namespace}` : root;
    const gvk = { group: type.group, kind: type.kind, version: type.version };
    const operation = (action: string): Payload => ({
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': gvk,
      responses: {},
    });
    paths[`${scoped}/${type.plural}`] = {
      ...(type.verbs.includes('list') ? { get: operation('list') } : {}),
      ...(type.verbs.includes('create') ? { post: { ...operation('post'), parameters: writeParameters } } : {}),
    };
    if (!type.verbs.includes('get')) continue;
    paths[`${scoped}/${type.plural}/{name}`] = {
      get: operation('get'),
      ...(type.verbs.includes('patch') ? { patch: { ...operation('patch'), parameters: writeParameters } } : {}),
      ...(type.verbs.includes('delete') ? { delete: operation('delete') } : {}),
    };
  }
  return paths;
}

function documentParts(types: readonly ResourceType[], base: string): { paths: Payload; schemas: Payload } {
  const definitions = new Definitions(base);
  for (const type of types) {
    const schema = schemaOf(type);
    if (schema !== undefined) definitions.addKind(definitionName(type), type, schema);
  }
  return { paths: pathsOf(types), schemas: definitions.schemas };
}

function version3(types: readonly ResourceType[]): Payload {
  const { paths, schemas } = documentParts(types, '#/components/schemas/');
  return { openapi: '3.0.0', info, paths, components: { schemas } };
}

function version2(types: readonly ResourceType[]): Payload {
  const { paths, schemas } = documentParts(types, '#/definitions/');
  return { swagger: '2.0', info, paths, definitions: schemas };
}

/** Answers everything under /openapi. @throws StatusError 406 for clients that read protobuf only. */
export function serveOpenApi(exchange: Exchange, registry: ResourceRegistry): void {
  const { path, request } = exchange;
  const accept = request.headers.accept ?? '*/*';
  if (!/json|\*\/\*/.test(accept)) {
    throw new StatusError(406, 'NotAcceptable', 'only the following media types are accepted: application/json');
  }
  if (path === '/openapi/v2') {
    sendJson(exchange, 200, version2(registry.all()));
    return;
  }
  const versions = new Map<string, ResourceType[]>();
  for (const type of registry.all()) {
    const key = type.group === '' ? `api/${type.version}` : `apis/${groupVersion(type)}`;
    versions.set(key, [...(versions.get(key) ?? []), type]);
  }
  if (path === '/openapi/v3') {
    const paths = Object.fromEntries(
      [...versions].map(([key, types]) => [
        key,
        { serverRelativeURL: `/openapi/v3/${key}?hash=${hashOf(documentText(types))}` },
      ]),
    );
    sendTagged(exchange, JSON.stringify({ paths }), '');
    return;
  }
  const types = versions.get(path.replace('/openapi/v3/', ''));
  if (types === undefined) sendPageNotFound(exchange);
  else sendTagged(exchange, documentText(types), path);
}

const documentTexts = new WeakMap<ResourceType, { readonly types: readonly ResourceType[]; readonly text: string }>();

/** The document of a group version; made anew when what is served has changed. */
function documentText(types: readonly ResourceType[]): string {
  const [first] = types;
  const known = first === undefined ? undefined : documentTexts.get(first);
  if (known?.types.length === types.length && known.types.every((type, index) => type === types[index]))
    return known.text;
  const text = JSON.stringify(version3(types));
  if (first !== undefined) documentTexts.set(first, { types, text });
  return text;
}

const hashOf = (text: string): string => createHash('sha512').update(text).digest('hex').toUpperCase();

/** Clients keep a document under its hash, and are sent to the current one when they ask for an older (kube-openapi:pkg/handler3/handler.go). */
function sendTagged(exchange: Exchange, text: string, path: string): void {
  const { request, response, query } = exchange;
  const hash = hashOf(text);
  const asked = query.get('hash') ?? '';
  response.setHeader('ETag', JSON.stringify(hash));
  if (path !== '') response.setHeader('Vary', 'Accept');
  if (path !== '' && asked === hash)
    response
      .setHeader('Cache-Control', 'public, immutable')
      .setHeader('Expires', new Date(Date.now() + 365 * 86_400_000).toUTCString());
  if (path !== '' && asked !== '' && asked !== hash)
    response.writeHead(301, { Location: `${path}?hash=${hash}` }).end();
  else if (request.headers['if-none-match'] === JSON.stringify(hash)) response.writeHead(304).end();
  else sendJson(exchange, 200, text);
}
