import { passPhases, type Fingerprint, type PassPhase, type Plan } from '../oracle/plan.ts';
import { writtenContent } from '../oracle/recipe.ts';
import type { ReplicaPlacement, RunEvent } from './events.ts';
import type { PlacedReplica } from './finding-schema.ts';

export type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

export const phases: readonly PassPhase[] = passPhases;
/** Every moment that an event can belong to, in the order of a run. */
export const moments: readonly string[] = ['attached', ...phases];

/** All events of one type, in the order of the log. */
export function eventsOf<Type extends RunEvent['type']>(events: readonly RunEvent[], type: Type): EventOf<Type>[] {
  return events.filter((event): event is EventOf<Type> => event.type === type);
}

/** The first event of one type; a run states each fact once, and what it said first is what it acted on. */
export function firstOf<Type extends RunEvent['type']>(
  events: readonly RunEvent[],
  type: Type,
): EventOf<Type> | undefined {
  return events.find((event): event is EventOf<Type> => event.type === type);
}

export function plannedPasses(plan: Plan | undefined, phase: PassPhase): number {
  return plan?.passes[phase]?.length ?? 0;
}

/** Name of the content that an event is about. */
export function contentOf({ content }: { readonly content?: string }): string {
  return content ?? writtenContent.name;
}

/** What the log says that each content must look like. */
export function expectations(events: readonly RunEvent[]): ReadonlyMap<string, Fingerprint> {
  const written = firstOf(events, 'plan')?.expected;
  return new Map([
    ...(written === undefined ? [] : [[writtenContent.name, written] as const]),
    ...eventsOf(events, 'content').map(({ recipe, expected }) => [recipe.name, expected] as const),
  ]);
}

export function placed(placement: ReplicaPlacement): PlacedReplica {
  const { replica, nodeId, diskUuid, diskName } = placement;
  return { replica, nodeId, diskUuid, diskName: diskName ?? null };
}

/** Where each replica was, from every event that says so. A replica never moves: it is replaced by another one. */
export function placements(events: readonly RunEvent[]): Map<string, PlacedReplica> {
  const found = new Map<string, PlacedReplica>();
  const add = (placement: ReplicaPlacement): void => {
    const known = found.get(placement.replica);
    if (known === undefined || known.diskName === null) found.set(placement.replica, placed(placement));
  };
  for (const event of events) {
    if (event.type === 'topology') event.replicas.forEach(add);
    else if (event.type === 'lvol-audit') event.chains.forEach(add);
    else if (event.type === 'replica-deleted') add(event.replica);
    else if (event.type === 'rebuild-proven') [event.rebuilt, ...event.sources].forEach(add);
  }
  return found;
}

export function placementOf(known: ReadonlyMap<string, PlacedReplica>, replica: string): PlacedReplica {
  return known.get(replica) ?? { replica, nodeId: null, diskUuid: null, diskName: null };
}

/** Replicas that could answer together, as a key: the same set in another order is the same set. */
export function replicaSetKey(replicas: readonly string[]): string {
  return [...new Set(replicas)].sort().join(' ');
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
