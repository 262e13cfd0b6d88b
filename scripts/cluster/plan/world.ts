/** Everything outside that a set-up looks at or changes. Tests put something else in its place. */
import type { Progress } from '../../../helpers/kubernetes/wait.ts';
import type { Condition } from './condition.ts';

export interface CommandResult {
  /** 127 when there is no such program, as in a shell; 124 after a time-out. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How far a step of this cluster got, in this run of `cluster:up` or an earlier one. */
export type StepProgress = 'never' | 'started' | 'ended';

export interface World {
  /** Runs a program without a terminal. Never throws for an exit code. */
  run(argv: readonly string[], options?: { timeoutMs?: number }): Promise<CommandResult>;
  readonly files: HostFiles;
  readonly cluster: ClusterView;
  progressOf(step: string): StepProgress;
}

/** The host's files. Reading gives undefined where there is nothing to read. */
export interface HostFiles {
  read(path: string): Promise<string | undefined>;
  list(directory: string): Promise<readonly string[]>;
  /** Where a symbolic link points to, as it is written there. */
  linkTarget(path: string): Promise<string | undefined>;
  /** Bytes that a user may still write below that directory, or below its nearest existing parent. */
  freeBytes(directory: string): Promise<number>;
  /** Creates its directory as well. */
  write(path: string, text: string): Promise<void>;
}

export interface ClusterView {
  look(condition: Condition): Promise<Progress<string>>;
  /**
   * Watches until it holds; `onSeen` hears what is seen instead, once for each change.
   * @throws Error that says what was expected, last seen and seen on the way
   */
  wait(condition: Condition, timeoutMs: number, onSeen: (seen: string) => void): Promise<string>;
}
