/** Stored objects as a client asked to see them. Text is cached per object, because objects never change. */
import { groupVersion, resourceName } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import { sortedJson } from '../storage/order.ts';
import type { KubeObject, Payload } from '../store.ts';
import { toEventsView } from './events-view.ts';
import type { Format } from './negotiate.ts';
import { tableOf } from './table.ts';

/** The object in the version that was asked for. */
export function inVersion(type: ResourceType, object: KubeObject): KubeObject {
  if (resourceName(type) === 'events.events.k8s.io') return toEventsView(object);
  const apiVersion = groupVersion(type);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

function partialMetadata(object: KubeObject, metaVersion: string): Payload {
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
      return cached(object, key, () =>
        (type.custom === undefined ? JSON.stringify : sortedJson)(inVersion(type, object)),
      );
    case 'partial-metadata':
      return cached(object, key, () => JSON.stringify(partialMetadata(object, format.metaVersion)));
    case 'table':
      return tableText(type, object, format, 'with headers');
  }
}

/** One object as a Table; a watch sends the headers with its first event only. */
export function tableText(
  type: ResourceType,
  object: KubeObject,
  format: Format,
  headers: 'with headers' | 'rows only',
): string {
  const table: Payload = tableOf(
    type,
    [inVersion(type, object)],
    { resourceVersion: object.metadata.resourceVersion },
    format,
  );
  return JSON.stringify(headers === 'with headers' ? table : { ...table, columnDefinitions: null });
}

export interface ListMetadata {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** The JSON of a list. Items of built-in lists leave out kind and apiVersion, those of custom ones do not. */
export function listText(
  type: ResourceType,
  objects: readonly KubeObject[],
  metadata: ListMetadata,
  format: Format,
): string {
  if (format.form === 'table') {
    return JSON.stringify(
      tableOf(
        type,
        objects.map((object) => inVersion(type, object)),
        metadata,
        format,
      ),
    );
  }
  if (format.form === 'partial-metadata') {
    const items = objects.map((object) => partialMetadata(object, format.metaVersion));
    return JSON.stringify({
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${format.metaVersion}`,
      metadata,
      items,
    });
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
