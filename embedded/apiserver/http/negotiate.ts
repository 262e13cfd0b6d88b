/** Which form of an answer a client asks for: media type, and Table or PartialObjectMetadata instead of the object. */
import { badRequest } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';
import { StatusError } from '../store.ts';
import type { Exchange } from './exchange.ts';

export type Form = 'object' | 'table' | 'partial-metadata';

export interface Format {
  readonly form: Form;
  readonly media: 'application/json' | 'application/yaml';
  /** Which version of meta.k8s.io a Table or PartialObjectMetadata is written in. */
  readonly metaVersion: string;
  /** The kind that was asked for in `as`; absent for objects as they are. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** How much of each object the rows of a Table carry. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
}

const plain: Format = { form: 'object', media: 'application/json', metaVersion: 'v1', includeObject: 'Metadata' };

// What a real server offers and its refusals name; protobuf is not written by this one.
const offered = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const offeredStreams = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

interface Clause {
  readonly media: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** The alternatives of an Accept header, best first (goautoneg.ParseAccept: by quality, else as written). */
function clausesOf(accept: string): Clause[] {
  const clauses = accept.split(',').map((clause): Clause => {
    const [media = '', ...rest] = clause.split(';').map((part) => part.trim());
    const parameters = new Map(rest.map((parameter) => parameter.split('=', 2) as [string, string]));
    const quality = Number(parameters.get('q') ?? '1');
    parameters.delete('q');
    return { media, parameters, quality: Number.isNaN(quality) ? 1 : quality };
  });
  return clauses.sort((a, b) => b.quality - a.quality);
}

const anyMedia: readonly string[] = ['*/*', 'application/*'];

/** What an alternative asks for; undefined when it cannot be produced. */
function formatOf({ media, parameters }: Clause, includeObject: Format['includeObject']): Format | undefined {
  const produced = anyMedia.includes(media) ? 'application/json' : media;
  if (produced !== 'application/json' && produced !== 'application/yaml') return undefined;
  const target = ['as', 'g', 'v'].map((name) => parameters.get(name));
  if (target.every((one) => one === undefined)) return { ...plain, media: produced };
  const [as, group, metaVersion] = target;
  if (group !== 'meta.k8s.io' || (metaVersion !== 'v1' && metaVersion !== 'v1beta1')) return undefined;
  const common = { media: produced, metaVersion, includeObject } as const;
  if (as === 'Table') return { ...common, form: 'table', as };
  if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
    return { ...common, form: 'partial-metadata', as };
  return undefined;
}

/** Chooses among what an Accept header offers. @throws StatusError 406 when nothing offered can be produced. */
export function negotiate(
  { request, query }: Pick<Exchange, 'request' | 'query'>,
  type: ResourceType,
  use: 'object' | 'list' | 'watch' = 'object',
): Format {
  const { accept } = request.headers;
  if (accept === undefined || accept.trim() === '') return plain;
  const clauses = clausesOf(accept);
  // Built-in kinds have a router in front that looks at media types only.
  const types = use === 'object' ? offered : [...offered, ...offeredStreams];
  const routed = clauses.some(({ media }) => anyMedia.includes(media) || offered.includes(media));
  if (type.custom === undefined && !routed)
    throw new StatusError(
      406,
      'NotAcceptable',
      `406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`,
      {},
    );
  const format = clauses.map((clause) => formatOf(clause, includeObjectOf(query))).find((one) => one !== undefined);
  if (format === undefined) throw notAcceptable(offered);
  // An event has one object, which cannot become a list, so it is sent as it is.
  if (use === 'watch' && format.as === 'PartialObjectMetadataList') return { ...plain, media: format.media };
  if (use === 'watch' && format.media === 'application/yaml') throw notAcceptable(offeredStreams);
  checkTransformation(format, type, query, use);
  return format;
}

/** Whether an answer that is no object, such as a refusal, is to be YAML. */
export function prefersYaml(accept: string | undefined): boolean {
  const first = clausesOf(accept ?? '').find(
    ({ media }) => anyMedia.includes(media) || media === 'application/json' || media === 'application/yaml',
  );
  return first?.media === 'application/yaml';
}

const notAcceptable = (accepted: readonly string[]): StatusError =>
  new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);

function includeObjectOf(query: URLSearchParams): Format['includeObject'] {
  const asked = query.get('includeObject') ?? '';
  return asked === 'None' || asked === 'Object' ? asked : 'Metadata';
}

/** How Go prints the type of what is to be transformed. */
function goType(type: ResourceType, use: 'object' | 'list'): string {
  if (type.custom !== undefined)
    return use === 'list' ? '*unstructured.UnstructuredList' : '*unstructured.Unstructured';
  return `*${type.group === '' ? 'core' : (type.group.split('.')[0] ?? '')}.${type.kind}${use === 'list' ? 'List' : ''}`;
}

/** apiserver:pkg/endpoints/handlers/response.go@v0.36.2 optionsForTransform, asPartialObjectMetadata. */
function checkTransformation(
  format: Format,
  type: ResourceType,
  query: URLSearchParams,
  use: 'object' | 'list' | 'watch',
): void {
  const asked = query.get('includeObject') ?? '';
  if (format.as === 'Table' && !['', 'None', 'Metadata', 'Object'].includes(asked)) {
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`,
    );
  }
  if (use === 'list' && format.as === 'PartialObjectMetadata') {
    throw new StatusError(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadata, but the requested object is a list (${goType(type, use)})`,
    );
  }
  if (use === 'object' && format.as === 'PartialObjectMetadataList') {
    // A custom object could be a list, until its items are looked for.
    if (type.custom !== undefined) throw new StatusError(500, '', 'content is not a list');
    throw new StatusError(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadataList, but the requested object is not a list (${goType(type, use)})`,
    );
  }
}
