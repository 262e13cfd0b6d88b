/**
 * Pods of the embedded cluster are real processes of this machine. The API server hands `pods/exec` and `pods/log` to
 * this interface; the kubelet starts and stops pods through it.
 */
import type { Readable, Writable } from 'node:stream';

export interface ExecRequest {
  namespace: string;
  pod: string;
  container: string | undefined;
  command: readonly string[];
  tty: boolean;
  stdin: Readable | undefined;
  stdout: Writable;
  stderr: Writable;
  /** Aborted when the client goes away: the process is then killed. */
  signal: AbortSignal;
}

export type ExecOutcome =
  | { kind: 'exited'; exitCode: number }
  /** The command could not be started, worded as the container runtime words it. */
  | { kind: 'failed'; message: string };

export interface LogRequest {
  namespace: string;
  pod: string;
  container: string | undefined;
  follow: boolean;
  previous: boolean;
  tailLines: number | undefined;
  sinceSeconds: number | undefined;
  timestamps: boolean;
  limitBytes: number | undefined;
  output: Writable;
  signal: AbortSignal;
}

/** What the API server needs of the kubelets. Throws `StatusError` for pods or containers it does not run. */
export interface PodBackend {
  exec(request: ExecRequest): Promise<ExecOutcome>;
  logs(request: LogRequest): Promise<void>;
}

/**
 * Resolves what a pod's mounts and devices are on this machine. Keys are paths inside the pod; there is no mount
 * namespace, so the runtime rewrites them where they occur in argv and in the environment.
 */
export interface PodPaths {
  readonly rewrites: Readonly<Record<string, string>>;
}
