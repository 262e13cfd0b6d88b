import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { startReaper } from './reaper.ts';

export interface ProcessSpec {
  argv: readonly string[];
  /** The whole environment: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  stdin: 'none' | 'pipe';
}

/** A process with its descendants, in a process group of its own. */
export interface RunningProcess {
  readonly pid: number;
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The exit code of the first process; 128 + n when signal n ended it. Never rejects. */
  readonly exited: Promise<number>;
  /** Signals the whole group, also descendants that outlived the first process. */
  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
  /** Whether the group still has members, e.g. descendants that were put into the background. */
  alive(): boolean;
  /** Kills what is left of the group and forgets it. Idempotent. */
  release(): void;
}

export interface ProcessGroups {
  start(spec: ProcessSpec): Promise<RunningProcess>;
  /** Kills every group and refuses to start more. */
  killAll(): void;
  /** The same; resolves when nothing is left. */
  close(): Promise<void>;
}

/** The child waits for this gate before it becomes the program, so that the reaper knows every group that can act. */
const gate = 'read -r _ <&3 || exit 143; exec "$@" 3<&-';

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};

/** False when the group is gone. Signal 0 only asks. */
function signalGroup(processGroup: number, name: 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(-processGroup, name);
  } catch {
    return false;
  }
}

/** Starts processes that cannot outlive this one. `directory` is removed with them, whatever ends this process. */
export function createProcessGroups(options: { directory: string }): ProcessGroups {
  const reaper = startReaper(options);
  const running = new Set<RunningProcess>();
  let closed = false;

  async function start(spec: ProcessSpec): Promise<RunningProcess> {
    if (closed) {
      throw new Error(`Did not start ${spec.argv[0] ?? 'a process'}: the embedded cluster is stopping.`);
    }
    const child = spawn('/bin/sh', ['-c', gate, 'gate', ...spec.argv], {
      cwd: spec.cwd,
      env: { ...spec.env },
      detached: true,
      stdio: [spec.stdin === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    const exited = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(code ?? 128 + (signalNumbers[signal ?? ''] ?? 0));
      });
    });
    if (child.pid === undefined) {
      const [cause] = (await once(child, 'error')) as [Error];
      throw new Error(`Could not start ${spec.argv[0] ?? 'a process'} in ${spec.cwd}: ${cause.message}`, { cause });
    }
    const pid = child.pid;
    child.stdin?.on('error', () => undefined);
    const opener = child.stdio[3] as Writable;
    opener.on('error', () => undefined);
    const entry: RunningProcess = {
      pid,
      stdin: child.stdin ?? undefined,
      stdout: child.stdout as Readable,
      stderr: child.stderr as Readable,
      exited,
      signal(name) {
        if (running.has(entry)) {
          signalGroup(pid, name);
        }
      },
      alive: () => running.has(entry) && signalGroup(pid, 0),
      release() {
        if (running.delete(entry)) {
          signalGroup(pid, 'SIGKILL');
          reaper.remove(pid);
        }
      },
    };
    running.add(entry);
    await reaper.add(pid);
    opener.end('\n');
    return entry;
  }

  function killAll(): void {
    closed = true;
    for (const entry of running) {
      entry.signal('SIGKILL');
    }
  }

  return {
    start,
    killAll,
    async close() {
      killAll();
      const left = [...running];
      await Promise.all(left.map((entry) => entry.exited));
      for (const entry of left) {
        entry.release();
      }
      await reaper.close();
    },
  };
}
