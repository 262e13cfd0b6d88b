/** Arranging that one known replica alone answers every read. */
import type { KubeClient } from '../kubernetes/client.ts';
import { met, pending, waitFor, type Progress } from '../kubernetes/wait.ts';
import type { ReplicaPlacement } from '../verdict/events.ts';
import { deleteReplica, type BeforeDeletion } from './rebuild.ts';
import { livingReplicas, modesOf, readSubject, sourcesOf, type Subject, type SubjectView } from './subject.ts';
import { describe, faulted } from './volume-states.ts';

/** Set to 0, this setting stops the replenishment of deleted replicas. longhorn-facts §4.6 */
export const replenishmentSetting = 'concurrent-replica-rebuild-per-node-limit';

/**
 * Deletes every other replica, one after the other, and waits after each until the engine has let go of it. Replenishment
 * must be off. Ends when the engine's only replica is the given one, and it is RW; answers with what was there before the
 * last deletion, for the proof of the rebuild that may follow, or undefined when there was nothing to delete.
 */
export async function isolateReplica(
  client: KubeClient,
  subject: Subject,
  options: { keep: string; timeoutMs: number; onDeleted: (victim: ReplicaPlacement) => void },
): Promise<BeforeDeletion | undefined> {
  let last: BeforeDeletion | undefined;
  for (;;) {
    const others = livingReplicas(await readSubject(client, subject)).filter(
      ({ metadata }) => metadata.name !== options.keep,
    );
    const [next] = others;
    if (next === undefined) break;
    last = await deleteReplica(client, subject, next.metadata.name);
    const { victim } = last;
    options.onDeleted(victim);
    const { timeoutMs } = options;
    await waitUntilLetGo(client, subject, { victim: victim.replica, left: others.length, timeoutMs });
  }
  await waitFor(client, {
    what: `replica ${options.keep} of ${subject.name} alone`,
    expected: `replicaModeMap {${options.keep}=RW} and no other replica`,
    sources: sourcesOf(subject),
    until: (view) => alone(view, options.keep),
    forbidden: faulted,
    confirm: 'reread',
    timeoutMs: options.timeoutMs,
  });
  return last;
}

/** Waits until the engine has let go of a deleted replica and serves so many others, and no other one was made. */
export async function waitUntilLetGo(
  client: KubeClient,
  subject: Subject,
  options: { victim: string; left: number; timeoutMs: number },
): Promise<void> {
  const { victim, left, timeoutMs } = options;
  await waitFor(client, {
    what: `the engine of ${subject.name} to let go of ${victim}`,
    expected: `${victim} gone, the engine serving the ${String(left)} others RW and nothing else`,
    sources: sourcesOf(subject),
    until: (view) => without(view, victim, left),
    forbidden: faulted,
    confirm: 'reread',
    timeoutMs,
  });
}

function without(view: SubjectView, victim: string, expectedCount: number): Progress<undefined> {
  const modes = modesOf(view);
  const gone = !view.replicas.some(({ metadata }) => metadata.name === victim);
  const only = Object.keys(modes).length === expectedCount && Object.values(modes).every((mode) => mode === 'RW');
  return gone && only && modes[victim] === undefined ? met(undefined) : pending(describe(view));
}

/** Whether the engine can read from that replica only. Exported for its tests. */
export function alone(view: SubjectView, replica: string): Progress<undefined> {
  const modes = modesOf(view);
  const only = Object.keys(modes).length === 1 && modes[replica] === 'RW';
  const names = view.replicas.map(({ metadata }) => metadata.name);
  return only && names.length === 1 && names[0] === replica ? met(undefined) : pending(describe(view));
}
