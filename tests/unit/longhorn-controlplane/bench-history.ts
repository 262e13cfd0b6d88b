import type { KubeObject, StoreEvent } from '../../../embedded/apiserver/store.ts';
import type { Kinds, Plural } from './bench-kinds.ts';
import type { Bench } from './longhorn-bench.ts';

/** An event of one kind, typed; undefined for events of other kinds. */
export function changeOf<K extends Plural>(
  event: StoreEvent,
  plural: K,
): { type: StoreEvent['type']; name: string; now: Kinds[K]; old: Kinds[K] | undefined } | undefined {
  if (event.resource !== `${plural}.longhorn.io`) return undefined;
  const { type, object, previous } = event;
  return { type, name: object.metadata.name, now: object as Kinds[K], old: previous as Kinds[K] | undefined };
}

export function changesOf<K extends Plural>(bench: Bench, plural: K): NonNullable<ReturnType<typeof changeOf<K>>>[] {
  return bench.history.flatMap((event) => changeOf(event, plural) ?? []);
}

/** The values that a field went through, each change once. */
export function valuesOf<K extends Plural, V>(
  bench: Bench,
  plural: K,
  name: string,
  field: (object: Kinds[K]) => V | undefined,
): V[] {
  const values: V[] = [];
  for (const change of changesOf(bench, plural)) {
    if (change.name !== name) continue;
    const value = field(change.now);
    if (value !== undefined && values.at(-1) !== value) values.push(value);
  }
  return values;
}

interface RecordedEvent extends KubeObject {
  involvedObject: { kind: string; name: string };
  reason: string;
  message: string;
}

/** Events about an object, as `reason: message`, in order of their first appearance. */
export function eventsAbout(bench: Bench, kind: string, name: string): string[] {
  return bench.history
    .filter((event) => event.resource === 'events' && event.type === 'ADDED')
    .map((event) => event.object as RecordedEvent)
    .filter((event) => event.involvedObject.kind === kind && event.involvedObject.name === name)
    .map((event) => `${event.reason}: ${event.message}`);
}
