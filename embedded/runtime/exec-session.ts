import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ContainerScene } from './container-scene.ts';
import type { ExecOutcome, ExecRequest } from './contract.ts';
import { findExecutable } from './executable-lookup.ts';
import { createLineTerminal, interactiveCommand } from './line-terminal.ts';
import type { ProcessGroups, RunningProcess } from './process-group.ts';

/** With `tty` both outputs come out of `stdout`, and input is edited in lines; the program still sees pipes. */
export interface ExecSession extends Omit<ExecRequest, 'namespace' | 'pod' | 'container'> {
  groups: ProcessGroups;
  scene: ContainerScene;
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

/** Connects the program with the client's streams; resolves when both outputs have ended and were handed on. */
async function connect(session: ExecSession, running: RunningProcess): Promise<void> {
  if (!session.tty) {
    feed(session.stdin, running);
    await Promise.all([forward(running.stdout, session.stdout), forward(running.stderr, session.stderr)]);
    return;
  }
  const { input, output } = createLineTerminal({ screen: session.stdout, interrupt: () => running.signal('SIGINT') });
  if (session.stdin !== undefined) {
    pipeline(session.stdin, input).catch(() => undefined);
    feed(input, running);
  }
  const shown = forward(output, session.stdout);
  await Promise.all([forward(running.stdout, output), forward(running.stderr, output)]);
  output.end();
  await shown;
}

/**
 * Runs a command in a container's scene. The outcome is known once the process has exited and its output was handed on;
 * descendants that keep the output open hold it up, as in a real container. Aborting kills all of them.
 * Wording of `failed`: recorded/kubernetes/exec.jsonl, "command not found".
 */
export async function runExec(session: ExecSession): Promise<ExecOutcome> {
  const { groups, scene, signal } = session;
  const command = session.tty ? interactiveCommand(session.command) : session.command;
  const [name = '', ...args] = command.map((word) => scene.rewrite(word));
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
    env: session.tty ? { ...scene.env, TERM: 'dumb', PS1: '$ ' } : scene.env,
    cwd: scene.cwd,
    stdin: session.stdin === undefined ? 'none' : 'pipe',
  });
  const kill = (): void => running.release();
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) {
    kill();
  }
  await connect(session, running);
  const exitCode = await running.exited;
  signal.removeEventListener('abort', kill);
  if (running.alive()) {
    session.leftBehind(running);
  } else {
    running.release();
  }
  return { kind: 'exited', exitCode };
}
