/** Who holds the lock on a Longhorn, and whether he is alive. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeClient } from '../../kubernetes/client.ts';
import { leases, type Lease } from '../../kubernetes/core-kinds.ts';
import { runIdLabel } from '../../kubernetes/ownership.ts';
import { isVisiblyGone } from './process-identity.ts';

export const lockName = 'v2-verifier';
export const hostAnnotation = 'v2-verifier/host';
/** `v2-verifier/member-<name>`: the parts of one run that work under its lock, each with its time and its process. */
export const memberPrefix = 'v2-verifier/member-';

export interface LockTiming {
  /** Not renewed for so long, a holder counts as dead. Long, because a busy machine may stall a process. */
  readonly termMs: number;
  readonly renewEveryMs: number;
  /** How often one who waits looks. */
  readonly lookEveryMs: number;
}

export const lockTiming: LockTiming = { termMs: 60_000, renewEveryMs: 15_000, lookEveryMs: 2_000 };

export interface Holder {
  readonly runId: string;
  readonly host: string;
  /** RFC 3339, by the holder's clock. */
  readonly renewTime: string;
  /** `gone`: every process that works under the lock was of this machine, and none is there any more. */
  readonly processes: 'gone' | 'unknown';
}

/** The run that holds the lock, alive or not; undefined when nobody does or Leases cannot be seen. */
export async function readHolder(client: KubeClient, longhornNamespace: string): Promise<Holder | undefined> {
  const lease = await findLease(client, longhornNamespace);
  return lease === undefined ? undefined : holderOf(lease);
}

export function holderOf({ metadata, spec }: Lease): Holder {
  return {
    runId: spec?.holderIdentity ?? metadata.labels?.[runIdLabel] ?? '',
    host: metadata.annotations?.[hostAnnotation] ?? 'an unknown host',
    renewTime: spec?.renewTime ?? 'never',
    processes: processesOf(metadata.annotations ?? {}),
  };
}

function processesOf(annotations: Readonly<Record<string, string>>): Holder['processes'] {
  const members = Object.entries(annotations).filter(([key]) => key.startsWith(memberPrefix));
  const gone = members.every(([, value]) => isVisiblyGone(value.split(' ')[1] ?? ''));
  return members.length > 0 && gone ? 'gone' : 'unknown';
}

/**
 * Whether the holder renews: answers as soon as it did or its processes are seen to be gone, or after a term without.
 * Undefined when nobody holds the lock.
 */
export async function observeHolder(
  client: KubeClient,
  longhornNamespace: string,
  timing: LockTiming,
): Promise<(Holder & { readonly state: 'alive' | 'silent' }) | undefined> {
  const watch = new Renewals();
  for (;;) {
    const lease = await findLease(client, longhornNamespace);
    if (lease === undefined) return undefined;
    const silentMs = watch.silentMs(lease);
    const holder = holderOf(lease);
    if (watch.renewed) return { ...holder, state: 'alive' };
    if (silentMs >= timing.termMs || holder.processes === 'gone') return { ...holder, state: 'silent' };
    await delay(timing.lookEveryMs, undefined, { signal: client.signal });
  }
}

/** For how long a lease was seen without a change. */
export class Renewals {
  #seen: string | undefined;
  #sinceMs = 0;
  renewed = false;

  silentMs({ metadata }: Lease): number {
    const version = `${metadata.uid}/${metadata.resourceVersion}`;
    if (version === this.#seen) return Date.now() - this.#sinceMs;
    this.renewed = this.#seen !== undefined;
    this.#seen = version;
    this.#sinceMs = Date.now();
    return 0;
  }
}

export async function findLease(client: KubeClient, namespace: string): Promise<Lease | undefined> {
  const { items } = await client.list(leases, { namespace, fieldSelector: `metadata.name=${lockName}` });
  return items[0];
}

/**
 * Whether the last renewal is so recent that the holder may well live, by this machine's clock: good enough to describe a
 * cluster, not to take a lock.
 */
export function looksAlive({ renewTime, processes }: Holder, timing: LockTiming = lockTiming): boolean {
  return processes !== 'gone' && Math.abs(Date.now() - Date.parse(renewTime)) < 2 * timing.termMs;
}
