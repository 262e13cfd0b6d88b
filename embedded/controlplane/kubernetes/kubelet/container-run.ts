import type { ContainerLog } from '../../../runtime/container-log.ts';
import { findExecutable } from '../../../runtime/executable-lookup.ts';
import type { ProcessGroups } from '../../../runtime/process-group.ts';
import type { PreparedContainer } from './container-scene.ts';
import { pause } from './timing.ts';

/** One run of a container's program, from start to exit. */
export interface ContainerRun {
  /** The exit code, once every process of the container is gone and its log is complete. */
  readonly exited: Promise<number>;
  /** SIGTERM to all of its processes; SIGKILL after the grace period. Resolves with `exited`. */
  stop(graceMs: number): Promise<void>;
}

/** After a kill the pipes close at once; only a process that left its group can keep one open. */
const drainMs = 1000;

/** Runs without a process until it is stopped. */
function startIdle(log: ContainerLog): ContainerRun {
  let end: (exitCode: number) => void = () => undefined;
  const exited = new Promise<number>((resolve) => {
    end = resolve;
  }).then(async (exitCode) => {
    await log.close();
    return exitCode;
  });
  return {
    exited,
    async stop() {
      end(0);
      await exited;
    },
  };
}

export type StartOutcome = { kind: 'started'; run: ContainerRun } | { kind: 'refused'; message: string };

/** Starts the container's program. Refused with runc's words when it is not there. */
export async function startContainerRun(options: {
  groups: ProcessGroups;
  prepared: PreparedContainer;
  log: ContainerLog;
}): Promise<StartOutcome> {
  const { groups, prepared, log } = options;
  const { scene, argv } = prepared;
  if (argv === undefined) {
    return { kind: 'started', run: startIdle(log) };
  }
  const [name = '', ...args] = argv;
  const found = await findExecutable({ name, path: scene.env['PATH'] ?? '', cwd: scene.cwd });
  if (found.kind === 'missing') {
    await log.close();
    return { kind: 'refused', message: found.message };
  }
  const running = await groups.start({ argv: [found.path, ...args], env: scene.env, cwd: scene.cwd, stdin: 'none' });
  const captured = Promise.all([log.capture(running.stdout, 'stdout'), log.capture(running.stderr, 'stderr')]);

  async function finish(): Promise<number> {
    const exitCode = await running.exited;
    // As in a PID namespace, nothing outlives the first process.
    running.release();
    const drained = new AbortController();
    const completed = captured.then(() => drained.abort());
    await pause(drainMs, drained.signal);
    running.stdout.destroy();
    running.stderr.destroy();
    await completed;
    await log.close();
    return exitCode;
  }

  const exited = finish();
  return {
    kind: 'started',
    run: {
      exited,
      async stop(graceMs) {
        const ended = new AbortController();
        void exited.finally(() => ended.abort());
        running.signal('SIGTERM');
        await pause(graceMs, ended.signal);
        running.signal('SIGKILL');
        await exited;
      },
    },
  };
}
