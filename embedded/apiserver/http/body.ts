import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { badRequest } from '../errors.ts';
import { StatusError } from '../store.ts';
import { decodeProtobuf } from '../wire/protobuf.ts';
import type { Payload } from '../store.ts';

// kube-apiserver's own limit of a request body.
const maxBytes = 3 * 1024 * 1024;

export async function readBytes(request: IncomingMessage): Promise<Buffer> {
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

/** Reads the object of a create, replace or delete. @throws StatusError 400, 413 or 415. */
export async function readObject(request: IncomingMessage): Promise<SentObject> {
  const type = mediaType(request);
  const bytes = await readBytes(request);
  if (type === protobuf) return { body: decodeProtobuf(bytes), text: undefined };
  const text = bytes.toString('utf8');
  return { body: parseObject(text, type), text };
}

export function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}

/** Reads JSON or YAML. @throws StatusError 400 when it is neither. */
export function parseText(text: string, kind: 'json' | 'yaml'): Payload {
  try {
    return kind === 'yaml' ? parse(text) : JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding ${kind === 'yaml' ? 'YAML' : 'patch'}: ${(error as Error).message}`);
  }
}

/** The object of a create or replace. @throws StatusError 400 or 415. */
function parseObject(text: string, type: string): Payload {
  if (type !== '' && type !== 'application/json' && type !== 'application/yaml') {
    throw unsupportedMediaType(['application/json', 'application/yaml', protobuf]);
  }
  let body: Payload;
  try {
    body = type === 'application/yaml' ? parse(text) : JSON.parse(text);
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest("couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct { APIVersion string; Kind string }");
  }
  return body;
}
