import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ContainerScene } from './container-scene.ts';
import type { ExecOutcome } from './contract.ts';
import { findExecutable } from './executable-lookup.ts';
import type { ProcessGroups, RunningProcess } from './process-group.ts';

export interface ExecSession {
  groups: ProcessGroups;
  scene: ContainerScene;
  command: readonly string[];
  stdin: Readable | undefined;
  stdout: Writable;
  stderr: Writable;
  signal: AbortSignal;
  /** Gets the process when it left descendants in the background: they live on until they are released. */
  leftBehind: (process: RunningProcess) => void;
  /** Stands for the container runtime's id of this exec in its messages. */
  execId: string;
}

/** Copies until the source ends, as fast as the destination takes it, and leaves the destination open. */
async function forward(source: Readable, destination: Writable): Promise<void> {
  try {
    await pipeline(source, destination, { end: false });
  } catch {
    // The reader went away; the process finds its pipe closed, as in a real container.
    source.destroy();
  }
}

function feed(stdin: Readable | undefined, running: RunningProcess): void {
  if (stdin !== undefined && running.stdin !== undefined) {
    // It fails when the program does not read its input to the end, which is no failure of the exec.
    pipeline(stdin, running.stdin).catch(() => undefined);
  }
}

/**
 * Runs a command in a container's scene. The outcome is known once the process has exited and its output was handed on;
 * descendants that keep the output open hold it up, as in a real container. Aborting kills all of them.
 * Wording of `failed`: recorded/kubernetes/exec.jsonl, "command not found".
 */
export async function runExec(session: ExecSession): Promise<ExecOutcome> {
  const { groups, scene, signal } = session;
  const [name = '', ...args] = session.command.map((word) => scene.rewrite(word));
  const found = await findExecutable({ name, path: scene.env['PATH'] ?? '', cwd: scene.cwd });
  if (found.kind === 'missing') {
    return {
      kind: 'failed',
      message:
        `failed to exec in container: failed to start exec "${session.execId}": ` +
        `OCI runtime exec failed: exec failed: unable to start container process: ${found.message}`,
    };
  }
  const running = await groups.start({
    argv: [found.path, ...args],
    env: scene.env,
    cwd: scene.cwd,
    stdin: session.stdin === undefined ? 'none' : 'pipe',
  });
  const kill = (): void => running.release();
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) {
    kill();
  }
  feed(session.stdin, running);
  await Promise.all([forward(running.stdout, session.stdout), forward(running.stderr, session.stderr)]);
  const exitCode = await running.exited;
  signal.removeEventListener('abort', kill);
  if (running.alive()) {
    session.leftBehind(running);
  } else {
    running.release();
  }
  return { kind: 'exited', exitCode };
}
