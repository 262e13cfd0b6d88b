/** The real world: this machine's programs and files, and the cluster of a kubeconfig context. */
import { mkdir, readdir, readFile, readlink, statfs, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { $ } from 'zx';
import { connect, type KubeClient } from '../../../helpers/kubernetes/client.ts';
import { KubeconfigError } from '../../../helpers/kubernetes/errors.ts';
import { contextsOf } from '../../../helpers/kubernetes/kubeconfig.ts';
import { pending } from '../../../helpers/kubernetes/wait.ts';
import type { ClusterView, CommandResult, HostFiles, World } from '../plan/world.ts';

export interface WorldOptions {
  readonly context: string;
  readonly kubeconfig?: string | undefined;
  readonly signal: AbortSignal;
  readonly progressOf: World['progressOf'];
  readonly env?: NodeJS.ProcessEnv;
  /** A directory in which /proc, /sys, /dev and /lib are looked for. */
  readonly root?: string;
}

export function realWorld(options: WorldOptions): World {
  const env = options.env ?? process.env;
  return {
    run: (argv, { timeoutMs = 60_000 } = {}) => runProgram(argv, { env, timeoutMs }),
    files: hostFiles(options.root ?? '/'),
    cluster: contextView(options, env),
    progressOf: options.progressOf,
  };
}

async function runProgram(
  argv: readonly string[],
  { env, timeoutMs }: { env: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<CommandResult> {
  const started = Date.now();
  const output = await $({
    env,
    nothrow: true,
    quiet: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  })`${argv}`;
  const timedOut = output.exitCode === null && Date.now() - started >= timeoutMs;
  const stderr = timedOut ? `${output.stderr}\nended after ${String(timeoutMs / 1000)} s` : output.stderr;
  return { exitCode: output.exitCode ?? (timedOut ? 124 : 1), stdout: output.stdout, stderr };
}

const systemPath = /^\/(proc|sys|dev|lib)\//;

function hostFiles(root: string): HostFiles {
  const at = (path: string): string => (systemPath.test(`${path}/`) ? join(root, path) : path);
  return {
    read: (path) => readFile(at(path), 'utf8').catch(() => undefined),
    list: (directory) => readdir(at(directory)).catch(() => []),
    linkTarget: (path) => readlink(at(path)).catch(() => undefined),
    freeBytes: (directory) => freeBytes(at(directory)),
    async write(path, text) {
      await mkdir(dirname(at(path)), { recursive: true });
      await writeFile(at(path), text);
    },
  };
}

async function freeBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(directory) === directory) throw error;
    return freeBytes(dirname(directory));
  }
}

/** Connects when it is first asked: the context may not exist before a Kind cluster does. */
function contextView(options: WorldOptions, env: NodeJS.ProcessEnv): ClusterView {
  const client = (): KubeClient => {
    const { context, signal } = options;
    return connect({ kubeconfigPath: kubeconfigOf(options, env), context, signal });
  };
  return {
    async look(condition) {
      try {
        return await condition.look(client());
      } catch (error) {
        if (error instanceof KubeconfigError) return pending(error.message);
        throw error;
      }
    },
    wait: async (condition, timeoutMs, onSeen) => condition.wait(client(), timeoutMs, onSeen),
  };
}

/** The file that has the context, of those that kubectl would look in; the first one when none has it. */
function kubeconfigOf({ kubeconfig, context }: WorldOptions, env: NodeJS.ProcessEnv): string {
  if (kubeconfig !== undefined) return kubeconfig;
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  const files = listed.length > 0 ? listed : [join(homedir(), '.kube', 'config')];
  const holds = (file: string): boolean => {
    try {
      return contextsOf(file).includes(context);
    } catch (error) {
      if (error instanceof KubeconfigError) return false;
      throw error;
    }
  };
  return files.find(holds) ?? files[0] ?? '';
}
