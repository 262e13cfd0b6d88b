/**
 * One term of the lock's Lease: who of a run works under it, and that nobody ends or joins what was renewed, released or
 * taken over meanwhile.
 */
import { hostname } from 'node:os';
import type { KubeClient } from '../../kubernetes/client.ts';
import { leases, type Lease } from '../../kubernetes/core-kinds.ts';
import { ApiError, isNotFound } from '../../kubernetes/errors.ts';
import { Owned } from '../../kubernetes/ownership.ts';
import { findLease, holderOf, hostAnnotation, lockName, memberPrefix, type LockTiming } from './holder.ts';
import { identityOf } from './process-identity.ts';

/** The run itself, where it has more parts than the one that took the lock. No part is called so. */
export const wholeRun = 'whole-run';

/** A part of a run, and what it takes part in the lock for. */
export interface MemberOptions {
  readonly client: KubeClient;
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
}

/** Makes the lease. Undefined when somebody else was faster. */
export async function beginTerm(options: MemberOptions, timing: LockTiming): Promise<Owned<Lease> | undefined> {
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
export async function joinTerm(options: MemberOptions, lease: Lease): Promise<Owned<Lease> | undefined> {
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

/** @throws ApiError 404 when the lease is gone, 409 or 422 when it is another's by now; see `isLost` */
export async function renewTerm(client: KubeClient, owned: Owned<Lease>): Promise<void> {
  // A uid does not change: the patch of a namesake is refused (apiserver:pkg/registry/rest/update.go).
  const merge = { metadata: { uid: owned.uid }, spec: { renewTime: now() } };
  await client.patch(leases, owned.ref, { merge });
}

/** Whether a renewal failed because the lease is not ours any more. */
export function isLost(error: unknown): boolean {
  return isConflict(error) || isNamesake(error) || isNotFound(error);
}

/** Takes a member off the lease that `isOurs` knows, and ends the term with the last one. */
export async function leaveTerm(
  client: KubeClient,
  place: { longhornNamespace: string; member: string; isOurs: (lease: Lease) => boolean },
): Promise<void> {
  const { longhornNamespace, member, isOurs } = place;
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
export async function endTerm(client: KubeClient, lease: Lease): Promise<void> {
  try {
    await client.delete(Owned.of(leases, lease), { unchanged: true });
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}

function membership({ member, span = 'part', processes }: MemberOptions, time: string): Record<string, string> {
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
