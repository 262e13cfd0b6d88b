/** What a cluster's set-up is before anything runs: steps as data. Nothing here does anything. */
import type { Condition } from './condition.ts';
import type { World } from './world.ts';

/** One thing that `cluster:up` or `cluster:down` does. All of it can be printed, and typed by hand. */
export type Action =
  | {
      readonly kind: 'command';
      readonly argv: readonly string[];
      readonly timeoutMs: number;
      /** A refusal that asks to be tried again, in the words of whoever refuses. */
      readonly whenRefused?: { readonly words: string; readonly attempts: number; readonly pauseMs: number };
    }
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'wait'; readonly condition: Condition; readonly timeoutMs: number };

/** What a look at the world says about a step. */
export type Seen =
  | { readonly state: 'done'; readonly detail: string }
  | { readonly state: 'needed'; readonly detail: string }
  /** Going on would touch what is not ours, or cannot work; `advice` is what to type or decide. */
  | { readonly state: 'blocked'; readonly detail: string; readonly advice: string };

export interface Check {
  /** What is looked at, for a person. */
  readonly text: string;
  readonly look: (world: World) => Promise<Seen>;
}

export type Doing =
  | { readonly kind: 'actions'; readonly actions: readonly Action[] }
  /** Left to a person, because it changes the machine: printed, never run. Root's commands are not run with sudo either. */
  | { readonly kind: 'person'; readonly as: 'root' | 'you'; readonly commands: readonly string[] };

export type Undo =
  /** `there` says `done` while there is something to undo. */
  | { readonly kind: 'actions'; readonly actions: readonly Action[]; readonly there: Check }
  /** Goes when that step is undone. */
  | { readonly kind: 'with'; readonly step: string }
  | { readonly kind: 'nothing'; readonly because: string };

export interface Step {
  /** Names the step in the record of a cluster; never reused for something else. */
  readonly id: string;
  readonly title: string;
  readonly check: Check;
  readonly does: Doing;
  readonly undo: Undo;
}

export interface Plan {
  readonly title: string;
  readonly steps: readonly Step[];
  /** Lines for the person, once the cluster is usable. */
  readonly afterwards: readonly string[];
}

const commandTimeoutMs = 120_000;

export function command(
  argv: readonly string[],
  options: { timeoutMs?: number; whenRefused?: Extract<Action, { kind: 'command' }>['whenRefused'] } = {},
): Action {
  const { timeoutMs = commandTimeoutMs, whenRefused } = options;
  return { kind: 'command', argv, timeoutMs, ...(whenRefused === undefined ? {} : { whenRefused }) };
}

export function done(detail: string): Seen {
  return { state: 'done', detail };
}

export function needed(detail: string): Seen {
  return { state: 'needed', detail };
}

export function blocked(detail: string, advice: string): Seen {
  return { state: 'blocked', detail, advice };
}
