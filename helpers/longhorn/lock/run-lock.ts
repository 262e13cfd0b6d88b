/**
 * One run at a time on a Longhorn: settings such as replenishment are its own, and two runs would undo each other's
 * isolation. The lock is a Lease in Longhorn's namespace, because that is what every run on it shares; a run's own
 * namespace is not.
 *
 * A Lease that its holder stopped renewing is deleted and made anew by whoever takes over, so a uid names one term of
 * one holder: who wakes up late finds another uid, and can neither renew nor release what is not his any more.
 */
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeClient } from '../../kubernetes/client.ts';
import { leases, type Lease } from '../../kubernetes/core-kinds.ts';
import { ApiError, isNotFound } from '../../kubernetes/errors.ts';
import { Owned } from '../../kubernetes/ownership.ts';
import {
  findLease,
  holderOf,
  hostAnnotation,
  lockName,
  lockTiming,
  memberPrefix,
  readHolder,
  Renewals,
  type Holder,
  type LockTiming,
} from './holder.ts';
import { identityOf } from './process-identity.ts';

/** The run itself, where it has more parts than the one that took the lock. No part is called so. */
const wholeRun = 'whole-run';

export interface LockOptions {
  readonly client: KubeClient;
  /** Lives as long as the lock is held, however the run ends. */
  readonly renewingClient: KubeClient;
  readonly longhornNamespace: string;
  readonly runId: string;
  /** The part of the run that asks; parts of one run share its lock. DNS label. */
  readonly member: string;
  /** `whole run`: the lock stays when this part ends, until `endRun`, and no other run gets in between. Default: `part`. */
  readonly span?: 'part' | 'whole run';
  /**
   * The processes that work under the lock for this part and for the run: where both are seen to be gone, nobody waits
   * out their term. Absent where others go on without the one that took the lock.
   */
  readonly processes?: { readonly part: number; readonly wholeRun: number };
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
    const mine = lease === undefined ? await create(options, timing) : await join(options, lease);
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
    await leave(client, { longhornNamespace, member, isOurs: ({ metadata }) => metadata.uid === this.#owned.uid });
  }

  async #renew(): Promise<void> {
    const client = this.#options.renewingClient;
    try {
      // A uid does not change: the patch of a namesake is refused (apiserver:pkg/registry/rest/update.go).
      const merge = { metadata: { uid: this.#owned.uid }, spec: { renewTime: now() } };
      await client.patch(leases, this.#owned.ref, { merge });
    } catch (error) {
      if (client.signal.aborted || !(isConflict(error) || isNamesake(error) || isNotFound(error))) return;
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
  await leave(client, { longhornNamespace, member: wholeRun, isOurs });
}

/** Takes a member off the lease, and ends the term with the last one. */
async function leave(
  client: KubeClient,
  {
    longhornNamespace,
    member,
    isOurs,
  }: { longhornNamespace: string; member: string; isOurs: (lease: Lease) => boolean },
): Promise<void> {
  for (;;) {
    const lease = await findLease(client, longhornNamespace);
    if (lease === undefined || !isOurs(lease)) return;
    const others = membersOf(lease).filter((name) => name !== member);
    if (others.length === 0) {
      await endTerm(client, lease);
      continue;
    }
    try {
      const { uid, resourceVersion, name, namespace } = lease.metadata;
      const metadata = { uid, resourceVersion, annotations: { [memberPrefix + member]: null } };
      await client.patch(leases, { name, namespace }, { merge: { metadata } });
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

/** Deletes the lease unless it was renewed, released or taken over since it was read. */
async function endTerm(client: KubeClient, lease: Lease): Promise<void> {
  try {
    await client.delete(Owned.of(leases, lease), { unchanged: true });
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}

/** Undefined when somebody else was faster. */
async function create(options: LockOptions, timing: LockTiming): Promise<Owned<Lease> | undefined> {
  const { client, longhornNamespace, runId } = options;
  const time = now();
  try {
    return await client.createOwned(leases, runId, {
      metadata: {
        name: lockName,
        namespace: longhornNamespace,
        annotations: { [hostAnnotation]: hostname(), ...membership(options, time) },
      },
      spec: {
        holderIdentity: runId,
        leaseDurationSeconds: Math.max(1, Math.round(timing.termMs / 1000)),
        acquireTime: time,
        renewTime: time,
      },
    });
  } catch (error) {
    if (isConflict(error)) return undefined;
    throw error;
  }
}

/** Works under the lock that this run holds already; undefined when another run does, or it changed meanwhile. */
async function join(options: LockOptions, lease: Lease): Promise<Owned<Lease> | undefined> {
  const { client, runId } = options;
  if (holderOf(lease).runId !== runId) return undefined;
  const { uid, resourceVersion, name, namespace } = lease.metadata;
  const metadata = { uid, resourceVersion, annotations: membership(options, now()) };
  try {
    const merge = { metadata, spec: { renewTime: now() } };
    return Owned.of(leases, await client.patch(leases, { name, namespace }, { merge }));
  } catch (error) {
    if (isConflict(error) || isNotFound(error)) return undefined;
    throw error;
  }
}

function membership({ member, span = 'part', processes }: LockOptions, time: string): Record<string, string> {
  const entry = (name: string, pid: number | undefined): [string, string] => {
    const identity = pid === undefined ? undefined : identityOf(pid);
    return [memberPrefix + name, identity === undefined ? time : `${time} ${identity}`];
  };
  return Object.fromEntries([
    entry(member, processes?.part),
    ...(span === 'whole run' ? [entry(wholeRun, processes?.wholeRun)] : []),
  ]);
}

function membersOf({ metadata }: Lease): string[] {
  return Object.keys(metadata.annotations ?? {})
    .filter((key) => key.startsWith(memberPrefix))
    .map((key) => key.slice(memberPrefix.length));
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.statusCode === 409;
}

/** To a patch that names another uid, a server says that uids do not change, not that there is a conflict. */
function isNamesake(error: unknown): boolean {
  return error instanceof ApiError && error.statusCode === 422 && error.message.includes('metadata.uid: Invalid value');
}

/** Kubernetes' MicroTime. */
function now(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
