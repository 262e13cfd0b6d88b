/** This machine, with the docker and the Kind that are really on it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from '@playwright/test';
import { execa } from 'execa';
import { realWorld } from '../../scripts/cluster/host/world.ts';
import { kindNodeNames, layoutOf, loopDisks, type Layout, type LoopDisk } from '../../scripts/cluster/layout.ts';
import { runDown, toUndo } from '../../scripts/cluster/plan/down.ts';
import { planOf } from '../../scripts/cluster/plan/plan.ts';
import type { Step } from '../../scripts/cluster/plan/step.ts';
import { runUp, type UpOutcome } from '../../scripts/cluster/plan/up.ts';
import { ClusterRecord } from '../../scripts/cluster/record.ts';
import { parseUp } from '../../scripts/cluster/request/up.ts';

export { expect };

/** A set-up of `cluster:up` that is made on this machine, as far as the steps that are named. */
export interface Setup {
  readonly name: string;
  readonly layout: Layout;
  readonly kubeconfig: string;
  /** Longhorn's nodes, as Kind names them. */
  readonly nodes: readonly string[];
  readonly disks: readonly LoopDisk[];
  up(): Promise<{ readonly outcome: UpOutcome; readonly said: string }>;
  down(): Promise<{ readonly left: readonly string[]; readonly said: string }>;
}

export interface SetupOptions {
  /** Flags of `cluster:up`, without name and places. */
  readonly flags: readonly string[];
  readonly steps: (step: Step) => boolean;
}

/** What is begun is undone at the end, whatever the test did. */
export const test = base.extend<{ setUp: (options: SetupOptions) => Setup; directory: string }>({
  directory: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'verifier-host-'));
    await use(directory);
    await rm(directory, { recursive: true, force: true });
  },
  setUp: async ({ directory }, use) => {
    const made: Setup[] = [];
    await use((options) => {
      const setup = setupIn(directory, options);
      made.push(setup);
      return setup;
    });
    for (const setup of made) expect((await setup.down()).left).toEqual([]);
  },
});

function setupIn(directory: string, { flags, steps }: SetupOptions): Setup {
  const name = `host-${String(process.pid)}`;
  const kubeconfig = join(directory, 'kubeconfig');
  const places = ['--name', name, '--state-dir', directory, '--kubeconfig', kubeconfig];
  const { request } = parseUp([...flags, ...places]);
  const { provider } = request;
  if (provider.kind !== 'kind') throw new Error(`flags for Kind are wanted, got ${flags.join(' ')}`);
  const layout = layoutOf(directory, name);
  const whole = planOf(request, layout);
  const plan = { ...whole, steps: whole.steps.filter(steps) };
  const worldOf = (record: ClusterRecord) =>
    realWorld({
      context: request.context,
      kubeconfig,
      signal: new AbortController().signal,
      progressOf: (step) => record.progressOf(step),
    });
  const telling = (): { lines: string[]; tell: (line: string) => void } => {
    const lines: string[] = [];
    return { lines, tell: (line) => lines.push(line) };
  };
  return {
    name,
    layout,
    kubeconfig,
    nodes: kindNodeNames(name, provider),
    disks: loopDisks(name, provider, layout),
    async up() {
      const { lines, tell } = telling();
      const record = await ClusterRecord.open(layout.directory, request);
      const outcome = await runUp({ plan, world: worldOf(record), record, tell });
      return { outcome, said: lines.join('\n') };
    },
    async down() {
      const { lines, tell } = telling();
      const record = await ClusterRecord.read(layout.directory);
      if (record === undefined) return { left: [], said: '' };
      const left = await runDown({ steps: toUndo(plan, record), world: worldOf(record), record, tell });
      return { left, said: lines.join('\n') };
    },
  };
}

/** Why no docker engine of this machine is at hand; undefined where it is. */
export async function noDocker(): Promise<string | undefined> {
  const format = '{{.OSType}} {{.SecurityOptions}}';
  const info = await execa('docker', ['info', '--format', format], { reject: false, timeout: 20_000 });
  if (info.failed) return `no docker engine answers: ${lastLine(info.stderr) ?? info.shortMessage}`;
  if (process.platform !== 'linux') return 'loop devices of docker are not this machine’s: it is no Linux';
  if (info.stdout.includes('rootless')) return 'docker is rootless: its containers may make no loop device';
  return undefined;
}

/** Why docker may not start a privileged container of that image; undefined where it may. */
export async function notPrivileged(image: string): Promise<string | undefined> {
  const run = ['run', '--rm', '--privileged', '--network', 'none', '--entrypoint', '/bin/sh', image, '-c', 'exit 0'];
  const tried = await execa('docker', run, { reject: false, timeout: 60_000 });
  if (!tried.failed) return undefined;
  const said = tried.stderr.split('\n').find((line) => line.includes('Error response')) ?? tried.shortMessage;
  return `docker starts no privileged container here: ${said}`;
}

/** Why no Kind cluster can be made; undefined where one can. */
export async function noKind(nodeImage: string): Promise<string | undefined> {
  const docker = await noDocker();
  if (docker !== undefined) return docker;
  const kind = await execa('kind', ['version'], { reject: false, timeout: 20_000 });
  if (kind.failed) return 'kind is not installed';
  const inspected = await execa('docker', ['image', 'inspect', nodeImage], { reject: false, timeout: 20_000 });
  if (!inspected.failed) return undefined;
  const pulled = await execa('docker', ['pull', '--quiet', nodeImage], { reject: false, timeout: 10 * 60_000 });
  return pulled.failed ? `docker cannot pull ${nodeImage}: ${lastLine(pulled.stderr) ?? ''}` : undefined;
}

export function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim() || undefined;
}
