import type { KubeObject } from '../store.ts';

/** How a client wants a write done; absent fields mean what the HTTP API means by absence. */
export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly subresource?: string;
}

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  readonly dryRun?: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: PropagationPolicy;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface DeleteResult {
  /** The object as it was removed, or as it stands with its deletionTimestamp. */
  readonly object: KubeObject;
  readonly outcome: 'removed' | 'terminating';
}
