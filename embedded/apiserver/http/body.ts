import type { IncomingMessage } from 'node:http';
import type { ResourceType } from '../resources/type.ts';
import { StatusError } from '../store.ts';
import { decodeProtobuf } from '../wire/protobuf.ts';
import type { Payload } from '../store.ts';
import { parseObject } from './decode.ts';

// kube-apiserver's own limit of a request body.
const maxBytes = 3 * 1024 * 1024;

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBytes}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export async function readBody(request: IncomingMessage): Promise<string> {
  return (await readBytes(request)).toString('utf8');
}

/** The object of a request, with the text it was sent as where there was one. */
export interface SentObject {
  readonly body: Payload;
  readonly text: string | undefined;
}

const protobuf = 'application/vnd.kubernetes.protobuf';
const objectMedia = ['application/json', 'application/yaml', protobuf];

/** Reads the object of a create or replace. @throws StatusError 400, 413 or 415. */
export async function readObject(request: IncomingMessage, kind: Pick<ResourceType, 'kind'>): Promise<SentObject> {
  const media = mediaType(request) || 'application/json';
  if (!objectMedia.includes(media)) throw unsupportedMediaType(objectMedia);
  const bytes = await readBytes(request);
  if (media === protobuf) return { body: decodeProtobuf(bytes), text: undefined };
  const text = bytes.toString('utf8');
  return { body: parseObject(kind, text, media), text };
}

/** What a body is said to be; as it was written when it has parameters that are none (Go's mime.ParseMediaType). */
function mediaType(request: IncomingMessage): string {
  const written = request.headers['content-type'] ?? '';
  const [media = '', ...parameters] = written.split(';');
  const sound = parameters.every(
    (parameter, at) =>
      /^\s*[^\s=]+=\S+\s*$/.test(parameter) || (at === parameters.length - 1 && parameter.trim() === ''),
  );
  return sound ? media.trim().toLowerCase() : written;
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}
