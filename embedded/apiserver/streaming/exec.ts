/** `pods/exec` over WebSocket, message for message as a kube-apiserver 1.36 with its kubelet (kubernetes/exec.jsonl). */
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { ExecOutcome, PodBackend } from '../../runtime/contract.ts';
import { StatusError } from '../store.ts';
import type { Payload } from '../store.ts';
import type { ServerFault } from '../faults.ts';
import { statusBody } from '../http/exchange.ts';
import { channel, channelWritable, sendFrame } from './channels.ts';
import type { OutputLimit, Subprotocol } from './channels.ts';

export interface ExecStream {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string | undefined;
  readonly command: readonly string[];
  readonly wants: {
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
    readonly tty: boolean;
  };
  readonly fault: Extract<ServerFault, { kind: 'cut-exec' }> | undefined;
}

function internalError(message: string): Payload {
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    details: { causes: [{ message }] },
    code: 500,
  };
}

function finalStatus(outcome: ExecOutcome, stream: ExecStream, protocol: Subprotocol): Payload {
  if (outcome.kind === 'failed') return internalError(`error executing command in container: ${outcome.message}`);
  if (outcome.exitCode === 0) return { metadata: {}, status: 'Success' };
  const { exitCode } = outcome;
  const why =
    protocol === 'v5.channel.k8s.io'
      ? `command terminated with exit code ${exitCode}`
      : `error executing command [${stream.command.join(' ')}], exit code ${exitCode}`;
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${why}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function readStdin(socket: WebSocket, stdin: PassThrough | undefined): void {
  socket.on('message', (data: RawData) => {
    const message = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    const [to] = message;
    if (to === channel.stdin && stdin !== undefined && !stdin.writableEnded) {
      // A process that reads slowly slows the client down instead of filling memory.
      if (!stdin.write(message.subarray(1))) {
        socket.pause();
        stdin.once('drain', () => socket.resume());
      }
    } else if (to === channel.close && message[1] === channel.stdin) stdin?.end();
  });
}

function outputLimit(socket: WebSocket, stream: ExecStream): OutputLimit | undefined {
  const at = stream.fault?.at;
  if (at === undefined || at === 'before-status') return undefined;
  let left = at.outputBytes;
  return {
    admit(bytes) {
      const allowed = Math.min(bytes, left);
      left -= allowed;
      return allowed;
    },
    reached: () => socket.terminate(),
  };
}

async function flushed(stream: Writable): Promise<void> {
  stream.end();
  await finished(stream).catch(() => undefined);
}

/** Runs the command and serves its streams until it ends or the client goes away, which kills it. Never rejects. */
export async function serveExec(socket: WebSocket, backend: PodBackend, stream: ExecStream): Promise<void> {
  const abort = new AbortController();
  const stdin = stream.wants.stdin ? new PassThrough() : undefined;
  socket.on('close', () => {
    stdin?.destroy();
    abort.abort(new Error('the client has closed the exec stream'));
  });
  socket.on('error', () => socket.terminate());
  stdin?.on('error', () => undefined);
  readStdin(socket, stdin);

  const limit = outputLimit(socket, stream);
  const stdout = channelWritable(socket, channel.stdout, limit);
  const stderr = channelWritable(socket, channel.stderr, limit);
  for (const output of [stdout, stderr]) output.on('error', () => undefined);
  const protocol = socket.protocol as Subprotocol;
  // The kubelet opens the conversation with an empty message, whether or not there will be output.
  sendFrame(socket, channel.stdout, Buffer.alloc(0));

  let status: Payload;
  try {
    const { namespace, pod, container, command, wants } = stream;
    const outcome = await backend.exec({
      namespace,
      pod,
      container,
      command,
      tty: wants.tty,
      stdin,
      stdout,
      stderr,
      signal: abort.signal,
    });
    status = finalStatus(outcome, stream, protocol);
  } catch (error) {
    status =
      error instanceof StatusError
        ? statusBody(error)
        : internalError(error instanceof Error ? error.message : String(error));
  }
  await Promise.all([flushed(stdout), flushed(stderr)]);
  if (stream.fault?.at === 'before-status') {
    socket.terminate();
    return;
  }
  if (protocol === 'v5.channel.k8s.io' || protocol === 'v4.channel.k8s.io')
    sendFrame(socket, channel.error, Buffer.from(JSON.stringify(status)));
  // Before v4 there is no status object: only a failure's text.
  else if (status.status !== 'Success') sendFrame(socket, channel.error, Buffer.from(status.message as string));
  socket.close(1000);
}
