/**
 * A replica that fails, and the proof that the same one was rebuilt on what it had, not another in its place.
 * longhorn-manager:scheduler/replica_scheduler.go CheckAndReuseFailedReplica@v1.11.3, longhorn-facts §4.6
 */
import type { KubeClient } from '../kubernetes/client.ts';
import { met, pending, waitFor, type Progress } from '../kubernetes/wait.ts';
import type { ReplicaPlacement } from '../verdict/events.ts';
import { helperIn, runningInstanceManagers } from './helper-exec.ts';
import type { Replica } from './kinds.ts';
import { livingReplicas, modesOf, sourcesOf, type Subject, type SubjectView } from './subject.ts';
import { describe, faulted, replenished } from './volume-states.ts';

/** Fast rebuild is what lets V2 use a failed replica again; by release, the newest name first. longhorn-facts §7.1 */
export const fastRebuildSettings = ['v2-data-engine-fast-replica-rebuilding', 'fast-replica-rebuild-enabled'] as const;

/**
 * Makes the replica's export vanish, as a network would: its lvols stay as they are. The engine notices at the next I/O.
 * Longhorn exports it anew when it starts the replica again. longhorn-facts §6.2, §5.8
 */
export async function cutOffReplica(client: KubeClient, namespace: string, replica: ReplicaPlacement): Promise<void> {
  const [manager = ''] = await runningInstanceManagers(client, namespace, replica.nodeId);
  const nqn = `nqn.2023-01.io.longhorn.spdk:${replica.replica}`;
  await helperIn(client, namespace, manager)(['expose', 'stop', '--nqn', nqn]);
}

/** The engine has given the replica up, and its object says when it failed. */
export async function waitUntilFailed(
  client: KubeClient,
  subject: Subject,
  options: { replica: string; timeoutMs: number },
): Promise<Replica> {
  return waitFor(client, {
    what: `replica ${options.replica} of ${subject.name} failed`,
    expected: `${options.replica} with failedAt, stopped, not RW; the volume degraded`,
    sources: sourcesOf(subject),
    until: (view) => failed(view, options.replica),
    forbidden: faulted,
    confirm: 'reread',
    timeoutMs: options.timeoutMs,
  });
}

/** Exported for its tests. */
function failed(view: SubjectView, name: string): Progress<Replica> {
  const replica = livingReplicas(view).find(({ metadata }) => metadata.name === name);
  const degraded = view.volumes[0]?.status?.robustness === 'degraded';
  const givenUp = modesOf(view)[name] !== 'RW' && modesOf(view)[name] !== 'WO';
  if (replica === undefined || !degraded || !givenUp) return pending(describe(view));
  const stopped = replica.status?.currentState === 'stopped' && (replica.spec.failedAt ?? '') !== '';
  return stopped ? met(replica) : pending(describe(view));
}

export interface ReuseProof {
  readonly reused: boolean;
  /** Sentences, oldest first. */
  readonly evidence: readonly string[];
}

/**
 * Waits until the volume is healthy again, and says whether it is the failed replica that serves. A new one in its place
 * is no error of Longhorn's, only not what was asked for.
 */
export async function waitUntilUsedAgain(
  client: KubeClient,
  subject: Subject,
  options: { failed: Replica; timeoutMs: number },
): Promise<ReuseProof> {
  const { name, uid } = options.failed.metadata;
  const witness = new ReuseWitness(name, uid);
  const view = await waitFor(client, {
    what: `volume ${subject.name} healthy after the failure of ${name}`,
    expected: 'as many living replicas as it asks for, all RW with healthyAt, robustness healthy',
    sources: sourcesOf(subject),
    until: (seen) => witness.look(seen),
    forbidden: faulted,
    confirm: 'reread',
    timeoutMs: options.timeoutMs,
  });
  const serves = livingReplicas(view).some(({ metadata }) => metadata.uid === uid && modesOf(view)[name] === 'RW');
  return { reused: serves && witness.sawRebuild, evidence: witness.evidence() };
}

class ReuseWitness {
  readonly #name: string;
  readonly #uid: string;
  readonly #seen = new Set<string>();
  sawRebuild = false;

  constructor(name: string, uid: string) {
    this.#name = name;
    this.#uid = uid;
  }

  evidence(): string[] {
    return [...this.#seen];
  }

  look(view: SubjectView): Progress<SubjectView> {
    const mine = livingReplicas(view).find(({ metadata }) => metadata.uid === this.#uid);
    const mode = modesOf(view)[this.#name];
    if ((mine?.spec.failedAt ?? '') !== '') this.#seen.add(`replica ${this.#name} (uid ${this.#uid}) has failed`);
    else if (mine !== undefined) this.#seen.add(`${this.#name} was taken for a rebuild again`);
    const wasEmpty = mine !== undefined && (mine.spec.healthyAt ?? '') === '' && (mine.spec.failedAt ?? '') === '';
    if (wasEmpty || mode === 'WO') this.sawRebuild = true;
    if (mode !== undefined) this.#seen.add(`the engine shows ${this.#name} as ${mode}`);
    return replenished(view);
  }
}
