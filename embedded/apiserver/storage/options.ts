import type { KubeObject } from '../store.ts';

/** How a client wants a write done; absent fields mean what the HTTP API means by absence. */
export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly subresource?: string;
  /** Whether nulls that a schema does not allow are dropped, as when an object is decoded, or kept to be refused. Default: dropped. */
  readonly nulls?: 'dropped' | 'kept';
  /** Whether another uid is a conflict, as in a replacement, or an attempt to change it, as in a patch. Default: a conflict. */
  readonly precondition?: 'uid' | 'none';
}

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  readonly dryRun?: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: PropagationPolicy;
  /** The older way to ask for a policy, as it was sent; `propagationPolicy` says what it comes to. */
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface DeleteResult {
  /** The object as it was removed, or as it stands with its deletionTimestamp. */
  readonly object: KubeObject;
  readonly outcome: 'removed' | 'terminating';
}
