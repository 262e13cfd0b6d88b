/**
 * `pods/exec` over WebSocket. The promise settles on the command's status frame, or rejects when the connection ends
 * without one: the two are never confused. Sub-protocols v5 and v4 differ only in how standard input is closed, which
 * is not used here.
 */
import type WebSocket from 'ws';
import type { ExecOptions, ExecResult } from '../probe/exec.ts';
import { abortReason, ExecConnectionLost } from './errors.ts';
import type { ObjectRef } from './resource.ts';
import type { Transport } from './transport.ts';

export interface PodExecTarget extends ObjectRef {
  readonly namespace: string;
  readonly container?: string;
}

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const connectTimeoutMs = 30_000;
/** Load balancers drop connections that are silent for a minute or so. */
const pingIntervalMs = 10_000;
/** After so many unanswered pings the peer is gone. */
const maxMissedPongs = 6;
/** A volume's data never goes this way, so output is small; more is a mistake. */
const maxOutputBytes = 32 * 1024 * 1024;

const channel = { stdout: 1, stderr: 2, status: 3 } as const;

/**
 * Closing the connection ends the command only if it writes to a closed pipe: a real kubelet does not kill it.
 * @throws ApiError when the pod or container cannot be reached, ExecConnectionLost when the outcome is unknown
 */
export async function execInPod(request: {
  transport: Transport;
  target: PodExecTarget;
  command: readonly string[];
  options: ExecOptions;
}): Promise<ExecResult> {
  const { target, command, options } = request;
  const label = `exec ${command.slice(0, 3).join(' ')} in pod ${target.namespace}/${target.name}`;
  const namespace = encodeURIComponent(target.namespace);
  const conversation = new Conversation(label, options);
  const socket = await request.transport.webSocket({
    path: `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(target.name)}/exec`,
    query: { command, container: target.container, stdout: true, stderr: true },
    protocols,
    signal: options.signal,
    timeoutMs: Math.min(connectTimeoutMs, options.timeoutMs),
    listen: (created) => {
      conversation.listen(created);
    },
  });
  const guards = [
    keepAlive(socket, label, conversation.fail),
    deadline(options.timeoutMs, label, conversation.fail),
    onAbort(options.signal, conversation.fail),
  ];
  try {
    return await conversation.result;
  } finally {
    for (const release of guards) release();
    socket.terminate();
  }
}

/** What comes over the socket, from its first frame to the status, or to its end without one. */
class Conversation {
  readonly result: Promise<ExecResult>;
  readonly #label: string;
  readonly #output: Output;
  #resolve: (result: ExecResult) => void = () => undefined;
  /** Ends it without a result. The first end counts. */
  fail: (error: Error) => void = () => undefined;

  constructor(label: string, options: ExecOptions) {
    this.#label = label;
    this.#output = new Output(options.onStderrLine);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.fail = reject;
    });
    // When the connection never opens, nobody asks for the result.
    this.result.catch(() => undefined);
  }

  listen(socket: WebSocket): void {
    socket.on('message', (data: Buffer) => {
      try {
        const exitCode = this.#output.accept(data, this.#label);
        if (exitCode !== undefined) this.#resolve(this.#output.result(exitCode));
      } catch (error) {
        this.fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on('error', (cause: Error) => {
      this.fail(new ExecConnectionLost(`${this.#label}: ${cause.message}; its outcome is unknown`, { cause }));
    });
    socket.once('close', (code: number) => {
      const detail = `connection closed (${String(code)}) without the command's status`;
      this.fail(new ExecConnectionLost(`${this.#label}: ${detail}; its outcome is unknown`));
    });
  }
}

class Output {
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #onStderrLine: ((line: string) => void) | undefined;
  #bytes = 0;
  #partialLine = '';

  constructor(onStderrLine: ((line: string) => void) | undefined) {
    this.#onStderrLine = onStderrLine;
  }

  /** Takes a frame in; answers with the exit code when it is the status. */
  accept(frame: Buffer, label: string): number | undefined {
    if (frame.length === 0) return undefined;
    const payload = frame.subarray(1);
    if (frame[0] === channel.status) return exitCodeOf(payload.toString('utf8'), label);
    this.#bytes += payload.length;
    if (this.#bytes > maxOutputBytes) throw new Error(`${label}: more than ${String(maxOutputBytes)} bytes of output`);
    if (frame[0] === channel.stdout) this.#stdout.push(payload);
    if (frame[0] === channel.stderr) this.#takeStderr(payload);
    return undefined;
  }

  result(exitCode: number): ExecResult {
    if (this.#partialLine !== '') this.#onStderrLine?.(this.#partialLine);
    return {
      exitCode,
      stdout: Buffer.concat(this.#stdout).toString('utf8'),
      stderr: Buffer.concat(this.#stderr).toString('utf8'),
    };
  }

  #takeStderr(payload: Buffer): void {
    this.#stderr.push(payload);
    const parts = (this.#partialLine + payload.toString('utf8')).split('\n');
    this.#partialLine = parts.pop() ?? '';
    for (const line of parts) this.#onStderrLine?.(line);
  }
}

/** 0 for Success, the `ExitCode` cause otherwise. @throws Error when the command was not run at all */
function exitCodeOf(statusText: string, label: string): number {
  const status = JSON.parse(statusText) as {
    status?: string;
    message?: string;
    details?: { causes?: { reason?: string; message?: string }[] };
  };
  if (status.status === 'Success') return 0;
  const cause = status.details?.causes?.find((candidate) => candidate.reason === 'ExitCode');
  const exitCode = Number(cause?.message);
  if (cause !== undefined && Number.isInteger(exitCode)) return exitCode;
  throw new Error(`${label}: ${status.message ?? statusText}`);
}

type Reject = (error: Error) => void;

function keepAlive(socket: WebSocket, label: string, reject: Reject): () => void {
  let missed = 0;
  socket.on('pong', () => {
    missed = 0;
  });
  socket.on('message', () => {
    missed = 0;
  });
  const timer = setInterval(() => {
    missed += 1;
    if (missed > maxMissedPongs) reject(new ExecConnectionLost(`${label}: the peer stopped answering pings`));
    else socket.ping();
  }, pingIntervalMs);
  return () => {
    clearInterval(timer);
  };
}

function deadline(timeoutMs: number, label: string, reject: Reject): () => void {
  const timer = setTimeout(() => {
    reject(new ExecConnectionLost(`${label}: not finished within ${String(timeoutMs)} ms; its outcome is unknown`));
  }, timeoutMs);
  return () => {
    clearTimeout(timer);
  };
}

function onAbort(signal: AbortSignal, reject: Reject): () => void {
  const listener = (): void => {
    reject(abortReason(signal));
  };
  if (signal.aborted) listener();
  signal.addEventListener('abort', listener, { once: true });
  return () => {
    signal.removeEventListener('abort', listener);
  };
}
