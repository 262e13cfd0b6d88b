/** Stored objects as a client asked to see them. Text is cached per object, because objects never change. */
import { groupVersion, resourceName } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import type { KubeObject, Payload } from '../store.ts';
import { StatusError } from '../store.ts';
import { toEventsView } from './events-view.ts';
import { tableOf } from './table.ts';

export type Form = 'object' | 'table' | 'partial-metadata';

export interface Format {
  readonly form: Form;
  readonly media: 'application/json' | 'application/yaml';
  /** Which version of meta.k8s.io a Table or PartialObjectMetadata is written in. */
  readonly metaVersion: string;
}

const plain: Format = { form: 'object', media: 'application/json', metaVersion: 'v1' };

const producible = ['application/json', 'application/yaml'];

/** The refusal of an Accept header: built-in kinds are refused by the router, custom ones by their handler. */
function notAcceptable(type: ResourceType): StatusError {
  if (type.custom !== undefined) return new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${producible.join(', ')}`);
  const message = `406: Not Acceptable\n\nAvailable representations: ${producible.join(', ')}`;
  return new StatusError(406, 'NotAcceptable', message, {});
}

/** Chooses among what an Accept header offers. @throws StatusError 406 when nothing offered can be produced. */
export function negotiate(accept: string | undefined, kind: ResourceType): Format {
  if (accept === undefined || accept.trim() === '') return plain;
  for (const clause of accept.split(',')) {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim());
    const given = new Map(parameters.map((parameter) => parameter.split('=', 2) as [string, string]));
    const media = type === '*/*' || type === 'application/*' ? 'application/json' : type;
    if (media !== 'application/json' && media !== 'application/yaml') continue;
    const as = given.get('as');
    const metaVersion = given.get('v') ?? 'v1';
    if (as === undefined) return { ...plain, media };
    if (given.get('g') !== 'meta.k8s.io' || (metaVersion !== 'v1' && metaVersion !== 'v1beta1')) continue;
    if (as === 'Table') return { form: 'table', media, metaVersion };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return { form: 'partial-metadata', media, metaVersion };
  }
  throw notAcceptable(kind);
}

/** The object in the version that was asked for. */
export function inVersion(type: ResourceType, object: KubeObject): KubeObject {
  if (resourceName(type) === 'events.events.k8s.io') return toEventsView(object);
  const apiVersion = groupVersion(type);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

export function partialMetadata(object: KubeObject, metaVersion: string): Payload {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${metaVersion}`, metadata: object.metadata };
}

const texts = new WeakMap<KubeObject, Map<string, string>>();

function cached(object: KubeObject, key: string, make: () => string): string {
  // Only frozen objects, those that are stored, are sure never to change.
  if (!Object.isFrozen(object)) return make();
  let forms = texts.get(object);
  if (forms === undefined) texts.set(object, (forms = new Map<string, string>()));
  let text = forms.get(key);
  if (text === undefined) forms.set(key, (text = make()));
  return text;
}

/** The JSON of one object on its own, as in a GET or a watch event. */
export function objectText(type: ResourceType, object: KubeObject, format: Format): string {
  const key = `${groupVersion(type)} ${format.form} ${format.metaVersion}`;
  switch (format.form) {
    case 'object':
      return cached(object, key, () => JSON.stringify(inVersion(type, object)));
    case 'partial-metadata':
      return cached(object, key, () => JSON.stringify(partialMetadata(object, format.metaVersion)));
    case 'table':
      return JSON.stringify(tableOf(type, [inVersion(type, object)], { resourceVersion: object.metadata.resourceVersion }, format));
  }
}

export interface ListMetadata {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** The JSON of a list. Items of built-in lists leave out kind and apiVersion, those of custom ones do not. */
export function listText(type: ResourceType, objects: readonly KubeObject[], metadata: ListMetadata, format: Format): string {
  if (format.form === 'table') {
    return JSON.stringify(tableOf(type, objects.map((object) => inVersion(type, object)), metadata, format));
  }
  if (format.form === 'partial-metadata') {
    const items = objects.map((object) => partialMetadata(object, format.metaVersion));
    return JSON.stringify({ kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${format.metaVersion}`, metadata, items });
  }
  const apiVersion = groupVersion(type);
  if (type.custom !== undefined) {
    const items = objects.map((object) => objectText(type, object, format)).join(',');
    const meta = JSON.stringify({ continue: '', ...metadata });
    return `{"apiVersion":${JSON.stringify(apiVersion)},"items":[${items}],"kind":${JSON.stringify(`${type.kind}List`)},"metadata":${meta}}`;
  }
  const items = objects
    .map((object) =>
      cached(object, `${apiVersion} item`, () => {
        const { kind: _kind, apiVersion: _apiVersion, ...rest } = inVersion(type, object);
        return JSON.stringify(rest);
      }),
    )
    .join(',');
  return `{"kind":${JSON.stringify(`${type.kind}List`)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[${items}]}`;
}
