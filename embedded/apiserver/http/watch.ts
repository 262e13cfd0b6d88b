/** Watches: newline-delimited events from a revision on, with bookmarks, until the client or the time-out ends them. */
import type { ServerResponse } from 'node:http';
import { expired } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { groupVersion } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import type { JournalEntry } from '../storage/journal.ts';
import type { KubeObject, Payload } from '../store.ts';
import { statusBody } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { flag } from './exchange.ts';
import { integerOf, plainRevision } from './list-options.ts';
import type { Selection } from './list.ts';
import type { Format } from './negotiate.ts';
import { objectText, tableText } from './represent.ts';

/** The open watches of a server, so that they can be ended from outside. */
export interface WatchConnections {
  add(response: ServerResponse): void;
  /** Cuts every open watch without a last event, as a broken connection does. */
  drop(): number;
}

export function createWatchConnections(): WatchConnections {
  const open = new Set<ServerResponse>();
  return {
    add(response) {
      open.add(response);
      response.once('close', () => open.delete(response));
    },
    drop() {
      const count = open.size;
      for (const response of open) response.destroy();
      open.clear();
      return count;
    },
  };
}

const bookmarkEveryMs = 60_000;
// apiserver:pkg/storage/cacher/cache_watcher.go nextBookmarkTime: two seconds before the time-out.
const bookmarkBeforeEndMs = 2_000;
// A client that does not read is cut off rather than remembered without bound.
const maxUnreadBytes = 32 * 1024 * 1024;

interface WatchRequest {
  readonly exchange: Exchange;
  readonly store: ObjectStore;
  readonly type: ResourceType;
  readonly selection: Selection;
  readonly format: Format;
  readonly connections: WatchConnections;
}

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** What an entry looks like to someone who sees only the selected objects. */
function seenAs(entry: JournalEntry, selection: Selection): { type: EventType; object: KubeObject } | undefined {
  const { object, previous } = entry;
  const key =
    object.metadata.namespace === undefined
      ? object.metadata.name
      : `${object.metadata.namespace}/${object.metadata.name}`;
  if (!key.startsWith(selection.prefix)) return undefined;
  const before = previous !== undefined && selection.matches(previous);
  const now = entry.type !== 'DELETED' && selection.matches(object);
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object };
  if (!before) return undefined;
  if (entry.type === 'DELETED') return { type: 'DELETED', object };
  // It left the selection: shown as it was last seen, under the revision at which it left.
  const metadata = { ...previous.metadata, resourceVersion: object.metadata.resourceVersion };
  return { type: 'DELETED', object: { ...previous, metadata } };
}

/** A bookmark is an object of the kind that has nothing but a resourceVersion; as a Table it is a row of that. */
function bookmarkOf(type: ResourceType, revision: number, format: Format, initialEventsEnd: boolean): KubeObject {
  const metadata = {
    // A row has a name, if only an empty one.
    ...(format.form === 'table' ? { name: '' } : {}),
    resourceVersion: String(revision),
    ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  };
  const partial = format.form === 'partial-metadata';
  const of: Payload = partial
    ? { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${format.metaVersion}` }
    : { kind: type.kind, apiVersion: groupVersion(type) };
  return { ...of, metadata } as KubeObject;
}

/** Serves one watch; returns when it has begun. Refusals are sent as an ERROR event, as the API server does. */
export function serveWatch(watch: WatchRequest): void {
  const { exchange, store, type, selection, format, connections } = watch;
  const { query, response } = exchange;
  const asked = plainRevision(query);
  const bookmarks = flag(query, 'allowWatchBookmarks');
  const sendInitial = flag(query, 'sendInitialEvents');

  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
  response.flushHeaders();
  connections.add(response);
  const write = (line: string): void => {
    response.write(`${line}\n`);
    if (response.writableLength > maxUnreadBytes) response.destroy();
  };
  let headers: 'with headers' | 'rows only' = 'with headers';
  const send = (event: EventType | 'BOOKMARK', object: KubeObject): void => {
    let text: string;
    if (format.form === 'table') text = tableText(type, object, format, headers);
    else text = event === 'BOOKMARK' ? JSON.stringify(object) : objectText(type, object, format);
    headers = 'rows only';
    write(`{"type":"${event}","object":${text}}`);
  };

  const initial = sendInitial || ((asked ?? 0) === 0 && query.get('sendInitialEvents') === null);
  let revision = asked ?? 0;
  if (initial) {
    for (const object of store.scan(type.storedAs, selection.prefix))
      if (selection.matches(object)) send('ADDED', object);
    revision = store.revision();
    if (sendInitial && bookmarks) send('BOOKMARK', bookmarkOf(type, revision, format, true));
  } else {
    if (revision === 0) revision = store.revision();
    const missed = revision < store.watchFloor() ? undefined : store.journal.since(revision);
    if (missed === undefined) {
      const error = expired(`too old resource version: ${revision} (${store.watchFloor()})`);
      write(JSON.stringify({ type: 'ERROR', object: statusBody(error) }));
      response.end();
      return;
    }
    for (const entry of missed) deliver(entry);
  }

  function deliver(entry: JournalEntry): void {
    // A watch from a revision that is still to come says nothing until it has come.
    if (entry.resource !== type.storedAs || entry.revision <= revision) return;
    const seen = seenAs(entry, selection);
    if (seen !== undefined) send(seen.type, seen.object);
  }
  const stop = store.watch(type.storedAs, (event) => {
    const entryRevision = Number(event.object.metadata.resourceVersion);
    deliver({ ...event, revision: entryRevision, previous: event.previous });
  });

  const bookmark = (): void => {
    if (store.revision() >= revision) send('BOOKMARK', bookmarkOf(type, store.revision(), format, false));
  };
  endInTime({ response, stop, timeoutMs: timeoutOf(query), bookmark: bookmarks ? bookmark : undefined });
}

function endInTime(watch: {
  response: ServerResponse;
  stop: () => void;
  timeoutMs: number;
  bookmark: (() => void) | undefined;
}): void {
  const { response, stop, timeoutMs, bookmark } = watch;
  const timers: NodeJS.Timeout[] = [setTimeout(() => response.end(), timeoutMs)];
  if (bookmark !== undefined) {
    if (timeoutMs > bookmarkBeforeEndMs) timers.push(setTimeout(bookmark, timeoutMs - bookmarkBeforeEndMs));
    timers.push(setInterval(bookmark, bookmarkEveryMs));
  }
  response.once('close', () => {
    stop();
    for (const timer of timers) clearTimeout(timer);
  });
}

function timeoutOf(query: URLSearchParams): number {
  const seconds = integerOf(query, 'timeoutSeconds');
  // Between 30 and 60 minutes when the client does not say, as --min-request-timeout has it; less than none is over at once.
  return (seconds === 0 ? 2700 : Math.max(0, seconds)) * 1000;
}
