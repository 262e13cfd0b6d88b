/** Turns what watches report into `observed` events: each object's changes once, in order, and only real changes. */
import type { RunEventBody } from '../verdict/events.ts';

type ObservedKind = Extract<RunEventBody, { type: 'observed' }>['kind'];

const observedKinds: readonly string[] = [
  'Volume',
  'Engine',
  'Replica',
  'BackingImage',
  'Event',
] satisfies ObservedKind[];

export interface SeenTransition {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly summary: Readonly<Record<string, string>>;
}

/**
 * Several watches may report one object, at different speeds: what is not newer than what was recorded is dropped, by
 * `isNewer` of the resourceVersions, and so is a change that no summarised field shows.
 */
export function recordTransitions(
  append: (event: RunEventBody) => void,
  isNewer: (candidate: string, known: string) => boolean,
): (transition: SeenTransition) => void {
  const recorded = new Map<string, { resourceVersion: string; summary: string }>();
  return ({ kind, name, uid, resourceVersion, summary }) => {
    if (!isObserved(kind)) return;
    const known = recorded.get(uid);
    if (known !== undefined && !isNewer(resourceVersion, known.resourceVersion)) return;
    const text = JSON.stringify(summary);
    recorded.set(uid, { resourceVersion, summary: text });
    if (known?.summary !== text) append({ type: 'observed', kind, name, summary });
  };
}

function isObserved(kind: string): kind is ObservedKind {
  return observedKinds.includes(kind);
}
