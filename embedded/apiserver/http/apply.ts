/** Server-side apply over HTTP: a configuration as it is sent, and what comes of it (apiserver:pkg/endpoints/handlers/patch.go applyPatcher@v0.36.2). */
import { badRequest, conflict, notFound } from '../errors.ts';
import { applyConfiguration } from '../patch/apply.ts';
import { typeFaults } from '../patch/typed.ts';
import { groupVersion } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import { StatusError } from '../store.ts';
import type { KubeObject, Payload } from '../store.ts';
import { pruneToSchema } from '../validation/known-fields.ts';
import { isObject } from '../validation/schema.ts';
import { goValueKind } from '../wire/go-json.ts';
import { readYaml } from '../wire/yaml.ts';
import { checkName, placed } from './decode.ts';
import type { Exchange } from './exchange.ts';
import { validateFields, warnOfField, yamlComplaints } from './field-validation.ts';
import { sendObject } from './rest.ts';
import type { ObjectTarget } from './rest.ts';
import type { WriteParameters } from './write-parameters.ts';

function parseConfiguration(type: ResourceType, text: string): Payload {
  let body: Payload;
  try {
    body = readYaml(text).value ?? {};
  } catch (error) {
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${(error as Error).message}`);
  }
  if (!isObject(body))
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${goValueKind(body)} into Go value of type map[string]interface {}`,
    );
  if (type.custom !== undefined) checkCustomConfiguration(type, body);
  const expected = groupVersion(type);
  const given = (body['apiVersion'] as string | undefined) ?? '';
  if (given !== expected)
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${given}, expected: ${expected}`,
    );
  if (body['metadata']?.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  return body;
}

/** A configuration of another kind than the path's, which only the handler of custom resources looks for. @throws StatusError 400 */
function checkCustomConfiguration(type: ResourceType, { apiVersion, kind }: Record<string, Payload>): void {
  const [version, named] = [apiVersion, kind].map((one) => (typeof one === 'string' ? one : ''));
  if (version === groupVersion(type) && named === type.kind) return;
  throw badRequest(`invalid object type: ${version === '' ? '/' : String(version)}, Kind=${String(named)}`);
}

/** Server-side apply knows every field by its type; what it does not know is an error of the server. */
function checkTyped(
  exchange: Exchange,
  target: ObjectTarget,
  configuration: KubeObject,
  parameters: WriteParameters,
): void {
  const { type } = target;
  const { namespace = '', name = '' } = configuration.metadata as Partial<KubeObject['metadata']>;
  const about = `${namespace}/${name}; ${type.group}/${type.version}, Kind=${configuration.kind}`;
  const refuse = (why: string): never => {
    throw new StatusError(500, '', `failed to create typed patch object (${about}): ${why}`);
  };
  if (configuration.kind !== type.kind)
    refuse(`no corresponding type for ${type.group}/${type.version}, Kind=${configuration.kind}`);
  const undeclared = pruneToSchema(type, structuredClone(configuration)).map(
    (path) => `.${path}: field not declared in schema`,
  );
  const mistyped = typeFaults(type, configuration);
  // What is in a value of another type is not looked at.
  const looked = undeclared.filter(
    (line) => !mistyped.some((fault) => line.startsWith(`${fault.split(': ')[0] ?? ''}.`)),
  );
  const wrong = [...mistyped, ...looked];
  if (wrong.length > 1) refuse(`errors:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  else if (wrong[0] !== undefined) refuse(wrong[0]);
  validateFields(exchange, type, configuration, { text: undefined, mode: parameters.fieldValidation });
}

/** Applies a configuration and answers with the object. @throws StatusError 400, 404, 409, 422, or 500 for what is no object of the kind */
export function applyBody(
  exchange: Exchange,
  target: ObjectTarget,
  request: { text: string; parameters: WriteParameters },
): void {
  const { store, type, name, subresource, timestamp } = target;
  const { parameters } = request;
  const body = parseConfiguration(type, request.text);
  const uid = body.metadata?.uid as string | undefined;
  body.kind ??= '';
  body.metadata ??= {};
  checkTyped(exchange, target, body, parameters);
  const old = store.lookup(type, target);
  // What is applied is merged into the object, which brings its name; a new one has none but what is applied.
  if (old !== undefined) body.metadata.name ??= name;
  else delete body.metadata.resourceVersion;
  const configuration = placed(type, target.namespace, body);
  checkName(configuration, name);
  const { fieldManager: manager, force } = parameters;
  const applied = applyConfiguration(old, configuration, { type, manager, force, timestamp: timestamp(), subresource });
  const [repeated] = yamlComplaints(request.text).map((complaint) => `error converting YAML to JSON: ${complaint}`);
  if (repeated !== undefined && parameters.fieldValidation === 'Strict')
    throw badRequest(`error strict decoding YAML: ${repeated}`);
  if (repeated !== undefined && parameters.fieldValidation === 'Warn') warnOfField(exchange, repeated);
  if (old === undefined) {
    if (subresource !== undefined) throw notFound(type, name);
    if ((uid ?? '') !== '')
      throw conflict(
        type,
        name,
        `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
      );
    sendObject(exchange, type, store.createAs(type, applied, { ...parameters, nulls: 'kept' }), 201);
  } else {
    const through = subresource === undefined ? {} : { subresource };
    sendObject(
      exchange,
      type,
      store.updateAs(type, applied, { dryRun: parameters.dryRun, precondition: 'none', nulls: 'kept', ...through }),
    );
  }
}
