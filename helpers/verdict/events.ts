/**
 * The event log: what a run saw, one JSON object a line, in order, flushed as it goes. Verdict, reports and drawings
 * are computed from it and from nothing else, so that a killed run can be judged and an old one re-judged.
 */
import type { ChurnState } from '../oracle/churn.ts';
import type { Fingerprint, PassPhase, PassShape, Plan, WrongBlock } from '../oracle/plan.ts';
import type { DoubtfulStretch, UnstableStretch } from '../oracle/settle.ts';
import type { ContentRecipe } from '../oracle/recipe.ts';

export type { PassPhase };

/** `flags` are those of `verify` that shaped the embedded cluster, beside its Longhorn release. */
export type Target =
  | { readonly kind: 'embedded'; readonly flags?: readonly string[] }
  | { readonly kind: 'context'; readonly context: string };

/** One replica as the live objects show it. */
export interface ReplicaPlacement {
  readonly replica: string;
  readonly nodeId: string;
  /** `replica.spec.diskID`, which is the lvstore's UUID. */
  readonly diskUuid: string;
  /** The lvstore's name, from `node.status.diskStatus[*].diskName`; absent where unknown. */
  readonly diskName?: string;
}

/** An lvol as `go-spdk-helper bdev-lvol get` shows it, reduced to what the audit needs. */
export interface AuditedLvol {
  readonly name: string;
  readonly lvstoreUuid: string;
  readonly parent: string | null;
  readonly allocatedClusters: number;
  readonly isSnapshot: boolean;
  readonly isEsnapClone: boolean;
}

/** A replica's chain from head to root. */
export interface AuditedChain extends ReplicaPlacement {
  readonly chain: readonly AuditedLvol[];
}

/** A snapshot's checksums: as they were stored, and as SPDK computed it anew. '' where there is none. */
export interface ChecksummedSnapshot {
  readonly replica: string;
  readonly diskUuid: string;
  readonly snapshot: string;
  readonly allocatedClusters: number;
  readonly stored: string;
  readonly recomputed: string;
  /** `status.checksum` of the Snapshot object. */
  readonly object: string;
}

/** A way in which the lvol graph contradicts what must hold. */
export type AuditProblem =
  | 'chain-lacks-backing-image'
  | 'foreign-backing-image'
  | 'snapshot-names-differ'
  | 'snapshot-parent-differs'
  | 'snapshot-attributes-differ'
  | 'allocation-differs'
  | 'left-behind'
  | 'esnap-parent'
  | 'snapshot-cr-mismatch'
  | 'snapshot-taker-wrong'
  | 'snapshot-checksum-stale'
  | 'snapshot-checksum-empty'
  | 'snapshot-checksum-differs'
  | 'size-differs'
  | 'device-size-differs'
  | 'disk-of-another-node'
  | 'disk-accounts-differ'
  | 'actual-size-differs'
  | 'raid-members-differ'
  | 'backing-image-lvol-changed'
  | 'bystander-lvol-changed';

export type RunEventBody =
  | {
      readonly type: 'run-started';
      readonly runId: string;
      readonly target: Target;
      readonly seed: string;
      readonly image: 'raw' | 'qcow2';
      readonly toolVersion: string;
      /** Absent in logs of the one scenario that there was at first. */
      readonly scenario?: string;
    }
  | { readonly type: 'plan'; readonly plan: Plan; readonly expected: Fingerprint }
  | {
      /** From here on passes may expect this content, by its name; the plan itself expects `written`. */
      readonly type: 'content';
      readonly recipe: ContentRecipe;
      readonly expected: Fingerprint;
    }
  | {
      /** A snapshot holds that content, on every replica that there was; its name is that of its object. */
      readonly type: 'snapshot-taken';
      readonly content: string;
      readonly snapshot: string;
    }
  | {
      /** The volume was reverted to the snapshot, and its engine said so. */
      readonly type: 'reverted';
      readonly content: string;
      readonly snapshot: string;
    }
  | {
      readonly type: 'environment';
      readonly kubernetesVersion: string;
      readonly longhornVersion: string;
      readonly images: Readonly<Record<string, string>>;
      readonly nodes: readonly string[];
    }
  | {
      /** Something a verdict rests on. Unmet makes the run inconclusive. */
      readonly type: 'premise';
      readonly name: string;
      readonly state: 'met' | 'unmet';
      readonly detail: string;
    }
  | {
      readonly type: 'step';
      readonly title: string;
      readonly state: 'started' | 'finished' | 'failed';
      readonly error?: string;
    }
  | {
      /** A change of a live object that the timeline draws. */
      readonly type: 'observed';
      readonly kind: 'Volume' | 'Engine' | 'Replica' | 'BackingImage' | 'Event';
      readonly name: string;
      readonly summary: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'topology';
      readonly phase: 'attached' | PassPhase;
      readonly volume: string;
      readonly engineNode: string;
      readonly replicas: readonly ReplicaPlacement[];
    }
  | {
      readonly type: 'written';
      /** Absent: `pattern`. */
      readonly stage?: string;
      readonly writes: number;
      readonly bytes: number;
      readonly flushed: boolean;
    }
  | {
      /** What the device made of discards: discarded bytes that nothing was written to since, by what they read as. */
      readonly type: 'discards-settled';
      readonly phase: PassPhase;
      /** Name of the content that was settled. */
      readonly content: string;
      readonly bytes: { readonly unchanged: number; readonly zeros: number; readonly ones: number };
    }
  | {
      /** Writes on several connections that went on during a phase, and reads judged by them. */
      readonly type: 'churned';
      readonly phase: PassPhase;
      /** How far they came, over all times that they went on. */
      readonly state: ChurnState;
      /** Writes that were sent and never acknowledged. */
      readonly inFlight: number;
      readonly writes: number;
      readonly bytes: number;
      readonly flushed: boolean;
      readonly reads: { readonly requests: number; readonly bytes: number; readonly sweeps: number };
    }
  | {
      /** What became of the writes that were in flight at a crash. */
      readonly type: 'settled';
      readonly phase: PassPhase;
      /** Name of the content that passes may expect from then on. */
      readonly content: string;
      /** All that may have answered the reads. */
      readonly replicas: readonly string[];
      readonly doubtful: readonly DoubtfulStretch[];
      readonly landed: readonly DoubtfulStretch[];
      /** Where reads did not agree. */
      readonly unstable: readonly UnstableStretch[];
      /** Of each place. */
      readonly reads: number;
    }
  | {
      readonly type: 'pass';
      readonly phase: PassPhase;
      readonly index: number;
      readonly shape: PassShape;
      /** The replicas that could answer, and no other: one in isolation. */
      readonly replicas: readonly string[];
      readonly node: string;
      /** Name of the content that it must show; absent: `written`. */
      readonly content?: string;
      readonly fingerprint: Fingerprint;
      readonly durationMs: number;
      readonly wrongMibs: readonly number[];
    }
  | {
      /** The pass gave no result: short, cut, or without its end frame. Never an empty digest. */
      readonly type: 'pass-lost';
      readonly phase: PassPhase;
      readonly index: number;
      readonly reason: string;
    }
  | {
      /** Blocks of a pass that are not what the oracle says, extracted and classified. */
      readonly type: 'wrong-blocks';
      readonly phase: PassPhase;
      readonly index: number;
      readonly content?: string;
      readonly replicas: readonly string[];
      readonly blocks: readonly WrongBlock[];
      /** How many bytes of wrong MiBs were looked at; below the wrong total when a cap was hit. */
      readonly inspectedBytes: number;
      readonly truncated: boolean;
    }
  | {
      readonly type: 'cross-check';
      readonly tool: string;
      readonly state: 'agreed' | 'disagreed' | 'skipped';
      readonly detail: string;
    }
  | {
      /** What the upstream test takes: one checksum of the device, one request in flight. No part of a verdict. */
      readonly type: 'upstream-checksum';
      readonly moment: 'before' | 'after';
      /** Empty when the device could not be read. */
      readonly sha256: string;
    }
  | { readonly type: 'replica-deleted'; readonly replica: ReplicaPlacement }
  | {
      readonly type: 'rebuild-proven';
      readonly removed: string;
      readonly rebuilt: ReplicaPlacement;
      readonly sources: readonly ReplicaPlacement[];
      /** The observations that prove it, oldest first, as sentences. */
      readonly evidence: readonly string[];
    }
  | {
      readonly type: 'lvol-audit';
      readonly phase: 'attached' | PassPhase;
      readonly chains: readonly AuditedChain[];
      readonly backingImage: string;
    }
  | {
      readonly type: 'snapshot-checksums';
      readonly phase: PassPhase;
      readonly snapshots: readonly ChecksummedSnapshot[];
    }
  | { readonly type: 'snapshot-checksums-skipped'; readonly phase: PassPhase; readonly reason: string }
  | { readonly type: 'lvol-audit-skipped'; readonly phase: 'attached' | PassPhase; readonly reason: string }
  | {
      readonly type: 'audit-problem';
      readonly phase: 'attached' | PassPhase;
      readonly problem: AuditProblem;
      readonly replica: string;
      readonly diskUuid: string;
      readonly detail: string;
    }
  | {
      /** An event or log line that must not occur in a sound run. */
      readonly type: 'forbidden-observation';
      readonly where: string;
      readonly text: string;
    }
  | { readonly type: 'trouble'; readonly what: string; readonly message: string }
  | {
      readonly type: 'undo';
      readonly what: string;
      readonly outcome: 'undone' | 'kept' | 'failed';
      readonly detail?: string;
    }
  | { readonly type: 'run-finished' };

/** Milliseconds since the run began, and wall-clock time (RFC 3339). */
export type RunEvent = RunEventBody & { readonly tMs: number; readonly at: string };
