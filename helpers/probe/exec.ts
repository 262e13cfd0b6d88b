/** How the probe's client runs a command in the probe pod; `helpers/kubernetes` provides one over `pods/exec`. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  /** Ends the command when it has not finished in time; the promise then rejects. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called with whole lines of standard error while the command runs. */
  readonly onStderrLine?: (line: string) => void;
}

/**
 * Resolves with the exit code that the server reported. Rejects when the connection ended without one: the outcome is
 * then unknown, which is never the same as a wrong result.
 */
export type Exec = (command: readonly string[], options: ExecOptions) => Promise<ExecResult>;
