/**
 * Deleting a replica, and the proof that its rebuild took place. `healthy` proves nothing: it is still there just after
 * the deletion, and a watcher may miss `degraded`. The proof is the identity of the new replica. longhorn-facts §4.5, §4.9
 */
import { Belonging } from '../kubernetes/belonging.ts';
import type { KubeClient } from '../kubernetes/client.ts';
import { met, pending, waitFor, type Progress } from '../kubernetes/wait.ts';
import type { ReplicaPlacement } from '../verdict/events.ts';
import { listDisks } from './disks.ts';
import { replicas, type Replica } from './kinds.ts';
import type { RebuildSpan } from './rebuild-overlap.ts';
import {
  livingReplicas,
  modesOf,
  placementOf,
  readSubject,
  sourcesOf,
  type Subject,
  type SubjectView,
} from './subject.ts';
import { describe, faulted } from './volume-states.ts';

/** The last healthy replica must not go: Longhorn refuses most such deletions, this refuses all. */
class LastReplica extends Error {
  override readonly name = 'LastReplica';
}

/** What was there before a replica was deleted; the proof is a difference from it. */
export interface BeforeDeletion {
  readonly victim: ReplicaPlacement;
  readonly victimUid: string;
  readonly replicaUids: ReadonlySet<string>;
  readonly sources: readonly ReplicaPlacement[];
  readonly lastDegradedAt: string;
}

/**
 * Deletes one replica of the volume. It is adopted first, on the proof that the volume owns it.
 * @throws LastReplica when no other replica is healthy and RW
 */
export async function deleteReplica(client: KubeClient, subject: Subject, name: string): Promise<BeforeDeletion> {
  const [view, disks] = await Promise.all([readSubject(client, subject), listDisks(client, subject.namespace)]);
  const victim = livingReplicas(view).find(({ metadata }) => metadata.name === name);
  if (victim === undefined)
    throw new Error(`volume ${subject.name} has no replica ${name} any more: ${describe(view)}`);
  const sources = livingReplicas(view).filter((replica) => replica !== victim && serves(view, replica));
  if (sources.length === 0) {
    throw new LastReplica(`deleting replica ${name} would leave no healthy one of ${subject.name}: ${describe(view)}`);
  }
  const owned = await client.adopt(subject.volume, Belonging.byOwnerReference, replicas, victim);
  await client.delete(owned);
  return {
    victim: placementOf(victim, disks),
    victimUid: victim.metadata.uid,
    replicaUids: new Set(view.replicas.map(({ metadata }) => metadata.uid)),
    sources: sources.map((replica) => placementOf(replica, disks)),
    lastDegradedAt: view.volumes[0]?.status?.lastDegradedAt ?? '',
  };
}

function serves(view: SubjectView, { metadata, spec }: Replica): boolean {
  return modesOf(view)[metadata.name] === 'RW' && (spec.healthyAt ?? '') !== '' && (spec.failedAt ?? '') === '';
}

export interface RebuildProof {
  readonly rebuilt: ReplicaPlacement;
  readonly sources: readonly ReplicaPlacement[];
  /** Sentences, oldest observation first. */
  readonly evidence: readonly string[];
  /** Undefined where the new replica was never seen on its way. */
  readonly span: RebuildSpan | undefined;
}

/**
 * Waits until the rebuild is proven, in an order that no stale state can fool: the old replica's object is gone, a new
 * one that was not there before is present, the engine serves it RW and it alone is new, the volume is healthy, and all
 * of that still holds when everything is read again.
 */
export async function waitUntilRebuilt(
  client: KubeClient,
  subject: Subject,
  before: BeforeDeletion,
  options: { timeoutMs: number },
): Promise<RebuildProof> {
  const witness = new RebuildWitness(before);
  const rebuilt = await waitFor(client, {
    what: `rebuild of volume ${subject.name} after the deletion of ${before.victim.replica}`,
    expected: `${before.victim.replica} gone, a replica of another name RW with healthyAt, the volume healthy`,
    sources: sourcesOf(subject),
    until: (view) => witness.look(view),
    forbidden: faulted,
    confirm: 'reread',
    timeoutMs: options.timeoutMs,
  });
  const disks = await listDisks(client, subject.namespace);
  const evidence = witness.evidence();
  return { rebuilt: placementOf(rebuilt, disks), sources: before.sources, evidence, span: witness.span() };
}

/** Follows a rebuild through the views of a wait and keeps what proves it. Exported for its tests. */
export class RebuildWitness {
  readonly #before: BeforeDeletion;
  readonly #seen = new Map<string, string>();
  readonly #startedMs = Date.now();
  #rebuildingMs: number | undefined;

  constructor(before: BeforeDeletion) {
    this.#before = before;
  }

  evidence(): string[] {
    return [...this.#seen.values()];
  }

  /** Up to now. */
  span(): RebuildSpan | undefined {
    return this.#rebuildingMs === undefined ? undefined : { fromMs: this.#rebuildingMs, toMs: Date.now() };
  }

  look(view: SubjectView): Progress<Replica> {
    const { victim, victimUid, replicaUids, lastDegradedAt } = this.#before;
    const [volume] = view.volumes;
    const status = volume?.status;
    if (status?.robustness === 'degraded') this.#note('degraded', 'the volume was seen degraded');
    if ((status?.lastDegradedAt ?? '') !== lastDegradedAt) {
      this.#note(
        'lastDegradedAt',
        `lastDegradedAt moved from "${lastDegradedAt}" to "${status?.lastDegradedAt ?? ''}"`,
      );
    }
    if (view.replicas.some(({ metadata }) => metadata.uid === victimUid)) return pending(describe(view));
    this.#note('gone', `replica ${victim.replica} (uid ${victimUid}) is gone`);
    const fresh = livingReplicas(view).filter(({ metadata }) => !replicaUids.has(metadata.uid));
    for (const { metadata, spec } of fresh) {
      this.#note(`new ${metadata.uid}`, `replica ${metadata.name} (uid ${metadata.uid}) appeared`);
      if ((spec.diskID ?? '') !== '') {
        this.#note(
          `placed ${metadata.uid}`,
          `${metadata.name} was placed on ${spec.nodeID ?? ''}, disk ${spec.diskID ?? ''}`,
        );
      }
      const mode = modesOf(view)[metadata.name];
      if (mode === 'WO') this.#rebuildingMs ??= Date.now();
      if (mode !== undefined) this.#note(`${mode} ${metadata.uid}`, `the engine shows ${metadata.name} as ${mode}`);
    }
    const rebuilt = fresh.find((replica) => serves(view, replica));
    if (
      rebuilt === undefined ||
      status?.robustness !== 'healthy' ||
      Object.keys(modesOf(view)).includes(victim.replica)
    ) {
      return pending(describe(view));
    }
    this.#note(
      'healthy',
      `the volume is healthy with ${rebuilt.metadata.name}, healthy since ${rebuilt.spec.healthyAt ?? ''}`,
    );
    return met(rebuilt);
  }

  #note(key: string, sentence: string): void {
    if (this.#seen.has(key)) return;
    this.#seen.set(key, `+${((Date.now() - this.#startedMs) / 1000).toFixed(1)} s ${sentence}`);
  }
}
