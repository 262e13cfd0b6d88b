/**
 * A fault is data: what it models, which real defect it copies, what can be varied, and how it answers the questions of
 * the data plane. One file each in `catalogue/`. What a run's verdict says must never depend on these words.
 */
import type { DataPlaneHooks } from './hooks.ts';
import type { SeededRandom } from '../dataplane/random.ts';
import type { Liveness } from './liveness.ts';
import type { ParameterSpecs, ParameterValues } from './parameters.ts';

/** A defect that was really there. */
export interface Defect {
  readonly name: string;
  readonly url: string;
}

/** Kinds of finding, as a verdict names them. */
export type FindingKind =
  | 'content'
  | 'passes-disagree'
  | 'unstable-in-flight'
  | 'lvol-chain'
  | 'membership'
  | 'naming'
  | 'allocation'
  | 'left-behind'
  | 'snapshot-cr'
  | 'snapshot-checksum'
  | 'backing-image'
  | 'forbidden-observation';

export type WrongByteKind =
  | 'zeros'
  | 'parent-shows-through'
  | 'older-generation'
  | 'other-offset'
  | 'other-volume'
  | 'torn'
  | 'garbage'
  | 'missing';

/** What a suite with a right to catch the fault must say. */
export interface Expectation {
  /** Findings that prove it; one of them is enough. */
  readonly findings: readonly FindingKind[];
  /** What may stand in the wrong places; empty where no byte is wrong. */
  readonly wrongBytes: readonly WrongByteKind[];
  /**
   * Whose bytes or lvols are wrong: the rebuilt replica's, one replica's, those of all, or none's: what is stored is
   * right, and which replica gave a wrong answer cannot be seen afterwards.
   */
  readonly replica: 'rebuilt' | 'one' | 'all' | 'none';
}

/** A part of the suite that it can be judged without. */
export type Detector = 'oracle' | 'isolation' | 'audit' | 'snapshots' | 'bystander';

export interface FaultContext {
  readonly parameters: ParameterValues;
  /** For this fault alone; from the cluster's seed. */
  readonly random: SeededRandom;
  readonly seed: string;
  readonly liveness: Liveness;
}

interface Described {
  /** `FM…` as in the fault catalogue, `X…` for models beside it that copy no recorded defect, `N…` for negative controls. */
  readonly id: string;
  readonly name: string;
  /** One sentence: the mechanism. */
  readonly model: string;
  readonly copies: readonly Defect[];
  /** Scenarios that make it live, the first being the one to run it in; absent: the main one. */
  readonly scenarios?: readonly string[];
  /** Longhorn settings that the cluster starts with. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Something that must be found. */
export interface RunnableFault extends Described {
  readonly kind: 'fault';
  readonly parameters: ParameterSpecs;
  readonly expected: Expectation;
  /** Detectors without any one of which the fault survives; absent: at least two catch it. */
  readonly neededChecks?: readonly Detector[];
  hooks(context: FaultContext): DataPlaneHooks;
}

/** Something that must not be found: unusual, and right. */
export interface Control extends Described {
  readonly kind: 'control';
  readonly parameters: ParameterSpecs;
  hooks(context: FaultContext): DataPlaneHooks;
}

/** A model that nothing a scenario does can make live: it is listed, and never run. */
export interface UnreachedFault extends Described {
  readonly kind: 'unreached';
  /** What a scenario would have to do. */
  readonly needs: string;
}

export type Fault = RunnableFault | Control | UnreachedFault;
