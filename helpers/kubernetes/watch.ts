/** A watch's body: one JSON event a line. Nothing is swallowed: a line that is no event ends the watch with an error. */
import type { IncomingMessage } from 'node:http';
import { ApiError } from './errors.ts';
import type { KubeObject, ResourceKind } from './resource.ts';

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T; readonly resourceVersion: string }
  /** The watch has seen everything up to this version. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** Yields events until the server ends the stream. @throws ApiError on an ERROR event (410: list again) */
export async function* watchEvents<T extends KubeObject>(
  kind: ResourceKind<T>,
  body: IncomingMessage,
  request: string,
): AsyncGenerator<WatchEvent<T>> {
  for await (const line of lines(body)) yield parseEvent(kind, line, request);
}

async function* lines(body: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  body.setEncoding('utf8');
  for await (const chunk of body) {
    const parts = (rest + (chunk as string)).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line.trim() !== '') yield line;
  }
  if (rest.trim() !== '') throw new Error(`watch was cut within an event: ${rest.slice(0, 120)}`);
}

function parseEvent<T extends KubeObject>(kind: ResourceKind<T>, line: string, request: string): WatchEvent<T> {
  const event = JSON.parse(line) as { type?: unknown; object?: Record<string, unknown> };
  if (event.type === 'ERROR') {
    const statusCode = typeof event.object?.['code'] === 'number' ? event.object['code'] : 500;
    throw ApiError.fromBody({ request, statusCode, body: JSON.stringify(event.object ?? {}) });
  }
  const metadata = event.object?.['metadata'] as { resourceVersion?: unknown } | undefined;
  const resourceVersion = typeof metadata?.resourceVersion === 'string' ? metadata.resourceVersion : '';
  if (event.type === 'BOOKMARK') return { type: 'BOOKMARK', resourceVersion };
  if (event.type !== 'ADDED' && event.type !== 'MODIFIED' && event.type !== 'DELETED') {
    throw new Error(`${request}: unknown watch event type ${JSON.stringify(event.type)}`);
  }
  return { type: event.type, object: kind.parse(event.object), resourceVersion };
}
