/**
 * One run at a time on a Longhorn: settings such as replenishment are its own, and two runs would undo each other's
 * isolation. The lock is a Lease in Longhorn's namespace, because that is what every run on it shares; a run's own
 * namespace is not.
 *
 * A Lease that its holder stopped renewing is deleted and made anew by whoever takes over, so a uid names one term of
 * one holder: who wakes up late finds another uid, and can neither renew nor release what is not his any more.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeClient } from '../../kubernetes/client.ts';
import type { Lease } from '../../kubernetes/core-kinds.ts';
import type { Owned } from '../../kubernetes/ownership.ts';
import { findLease, holderOf, lockTiming, readHolder, Renewals, type Holder, type LockTiming } from './holder.ts';
import { beginTerm, endTerm, isLost, joinTerm, leaveTerm, renewTerm, wholeRun, type MemberOptions } from './term.ts';

export interface LockOptions extends MemberOptions {
  /** Lives as long as the lock is held, however the run ends. */
  readonly renewingClient: KubeClient;
  readonly waitMs: number;
  readonly timing?: LockTiming;
  /** Told when the wait begins and when what is waited for changes. */
  readonly onWait: (message: string) => void;
  /** Renewal found the lock in other hands, or not at all. */
  readonly onLost: (message: string) => void;
}

export type Locking =
  | { readonly state: 'held'; readonly lock: RunLock }
  | { readonly state: 'held by another'; readonly holder: Holder; readonly waitedMs: number };

/**
 * Takes the lock, waits for another run to release it, or takes over what was not renewed for a term, by this machine's
 * clock from when it was first seen: clocks of two machines are never compared.
 * @throws ApiError when Leases may not be used, or Longhorn's namespace is not there
 */
export async function takeLock(options: LockOptions): Promise<Locking> {
  const { client, longhornNamespace, timing = lockTiming } = options;
  const startedMs = Date.now();
  const watch = new Renewals();
  for (let told: string | undefined; ;) {
    const lease = await findLease(client, longhornNamespace);
    const mine = lease === undefined ? await beginTerm(options, timing) : await joinTerm(options, lease);
    if (mine !== undefined) return { state: 'held', lock: new RunLock(options, timing, mine) };
    if (lease === undefined) continue;
    const holder = holderOf(lease);
    const silent = watch.silentMs(lease) >= timing.termMs;
    if (silent || holder.processes === 'gone') {
      const why = silent
        ? `has not renewed its lock since ${holder.renewTime}`
        : 'holds the lock and has no process left';
      options.onWait(`run ${holder.runId} on ${holder.host} ${why}: taking over`);
      await endTerm(client, lease);
      continue;
    }
    const waitedMs = Date.now() - startedMs;
    if (waitedMs >= options.waitMs) return { state: 'held by another', holder, waitedMs };
    if (told !== holder.runId) {
      options.onWait(
        `waiting for run ${holder.runId} on ${holder.host}, which holds the cluster, for up to ${String(Math.round(options.waitMs / 1000))} s`,
      );
      told = holder.runId;
    }
    await delay(timing.lookEveryMs, undefined, { signal: client.signal });
  }
}

/** A term of one run. Renewed in the background until it is released. */
export class RunLock {
  readonly #options: LockOptions;
  readonly #owned: Owned<Lease>;
  readonly #timer: NodeJS.Timeout;
  #renewing: Promise<void> = Promise.resolve();

  constructor(options: LockOptions, timing: LockTiming, owned: Owned<Lease>) {
    this.#options = options;
    this.#owned = owned;
    this.#timer = setInterval(() => {
      this.#renewing = this.#renew();
    }, timing.renewEveryMs);
    this.#timer.unref();
  }

  get uid(): string {
    return this.#owned.uid;
  }

  /** Lets other runs in, once no other part of this run works under the lock. Never touches another run's. */
  async release(client: KubeClient): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    const { longhornNamespace, member } = this.#options;
    await leaveTerm(client, { longhornNamespace, member, isOurs: ({ metadata }) => metadata.uid === this.#owned.uid });
  }

  async #renew(): Promise<void> {
    const client = this.#options.renewingClient;
    try {
      await renewTerm(client, this.#owned);
    } catch (error) {
      if (client.signal.aborted || !isLost(error)) return;
      clearInterval(this.#timer);
      const holder = await readHolder(client, this.#options.longhornNamespace).catch(() => undefined);
      const who = holder === undefined ? 'nobody holds it now' : `run ${holder.runId} on ${holder.host} holds it now`;
      this.#options.onLost(`the lock on the cluster was not renewed in time and is lost: ${who}`);
    }
  }
}

/** After the last part of a run that locked for the `whole run`: lets others in. Does nothing where the lock is not its. */
export async function endRun(client: KubeClient, place: { longhornNamespace: string; runId: string }): Promise<void> {
  const { longhornNamespace, runId } = place;
  const isOurs = (lease: Lease): boolean => holderOf(lease).runId === runId;
  await leaveTerm(client, { longhornNamespace, member: wholeRun, isOurs });
}
