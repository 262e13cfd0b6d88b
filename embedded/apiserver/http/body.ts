import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { badRequest } from '../errors.ts';
import { StatusError } from '../store.ts';
import type { Payload } from '../store.ts';

// kube-apiserver's own limit of a request body.
const maxBytes = 3 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBytes}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
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
export function parseObject(text: string, type: string): Payload {
  if (type !== '' && type !== 'application/json' && type !== 'application/yaml') {
    throw unsupportedMediaType(['application/json', 'application/yaml']);
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
