/** A machine and a cluster that are not there: programs that only write down how they were called. */
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base } from '@playwright/test';
import { met, pending } from '../../../helpers/kubernetes/wait.ts';
import { realWorld } from '../../../scripts/cluster/host/world.ts';
import { runDown, toUndo } from '../../../scripts/cluster/plan/down.ts';
import { runUp, type UpOutcome } from '../../../scripts/cluster/plan/up.ts';
import type { ClusterView, World } from '../../../scripts/cluster/plan/world.ts';
import { ClusterRecord } from '../../../scripts/cluster/record.ts';
import { planned } from './requests.ts';

export { expect } from '@playwright/test';

export interface Stage {
  /** Runs `cluster:up` with these flags. Answers with how it ended, what it said, and what it called meanwhile. */
  up(flags: string): Promise<{ outcome: UpOutcome; said: string; calls: readonly string[] }>;
  down(flags: string): Promise<{ left: readonly string[]; said: string; calls: readonly string[] }>;
  /** From now on, calls that contain this text fail with these words. */
  failAt(text: string, words?: string): Promise<void>;
  write(path: string, text: string): Promise<void>;
  /** Paths below the machine's /dev, below its state directory, and what the programs made. */
  exists(path: 'state' | 'dev' | 'image' | 'clusters'): Promise<boolean>;
}

const healthyHost: Readonly<Record<string, string>> = {
  'proc/sys/kernel/osrelease': '6.8.0-generic\n',
  'proc/cpuinfo': 'flags\t\t: fpu sse4_1 sse4_2\n',
  'proc/modules': 'nvme_tcp 1 0 - Live\nvfio_pci 1 0 - Live\nuio_pci_generic 1 0 - Live\ndm_crypt 1 0 - Live\n',
  'sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '9216\n',
};

export const test = base.extend<{ stage: Stage }>({
  stage: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'verifier-cluster-'));
    try {
      await use(await makeStage(directory));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
});

async function makeStage(directory: string): Promise<Stage> {
  const at = (...parts: string[]): string => join(directory, ...parts);
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
  };
  for (const [path, text] of Object.entries(healthyHost)) await write(join('root', path), text);
  await mkdir(at('bin'));
  await mkdir(at('stub'));
  const stub = at('bin', 'stub');
  await copyFile(fileURLToPath(new URL('stub-tool.sh', import.meta.url)), stub);
  await chmod(stub, 0o755);
  for (const tool of ['docker', 'kind', 'helm', 'kubectl']) await symlink(stub, at('bin', tool));

  const linesOf = async (file: 'calls' | 'succeeded'): Promise<string[]> =>
    (await readFile(at('stub', file), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const calls = (): Promise<string[]> => linesOf('calls');
  const world = (record: ClusterRecord): World => ({
    ...realWorld({
      context: 'kind-v2-verifier',
      signal: new AbortController().signal,
      progressOf: (step) => record.progressOf(step),
      root: at('root'),
      env: { PATH: `${at('bin')}:/usr/bin:/bin`, STUB: at('stub'), ROOT: at('root') },
    }),
    cluster: clusterOf(() => linesOf('succeeded')),
  });
  const watched = async <R>(act: (tell: (line: string) => void) => Promise<R>) => {
    const before = (await calls()).length;
    const lines: string[] = [];
    const result = await act((line) => lines.push(line));
    return { result, said: lines.join('\n'), calls: (await calls()).slice(before) };
  };
  return {
    write,
    async up(flags) {
      const { request, layout, plan } = planned(flags, at('state'));
      const record = await ClusterRecord.open(layout.directory, request);
      const { result, ...rest } = await watched((tell) => runUp({ plan, world: world(record), record, tell }));
      return { outcome: result, ...rest };
    },
    async down(flags) {
      const { layout, plan } = planned(flags, at('state'));
      const record = await ClusterRecord.read(layout.directory);
      if (record === undefined) throw new Error('there is no record');
      const steps = toUndo(plan, record);
      const { result, ...rest } = await watched((tell) => runDown({ steps, world: world(record), record, tell }));
      return { left: result, ...rest };
    },
    async failAt(text, words = 'no space left on device') {
      await write('stub/fail-at', text);
      await write('stub/fail-with', words);
    },
    exists: async (what) => {
      const path = {
        state: 'state/v2-verifier',
        dev: 'root/dev/v2-verifier',
        image: 'stub/image',
        clusters: 'stub/clusters',
      }[what];
      const { access, readdir } = await import('node:fs/promises');
      if (what === 'dev') return (await readdir(at(path)).catch(() => [])).length > 0;
      return access(at(path)).then(
        () => true,
        () => false,
      );
    },
  };
}

/** What has to have been called for a state of the cluster to be there. */
const causes: readonly (readonly [RegExp, RegExp])[] = [
  [/^nodes /, /^kind create cluster/],
  [/^huge pages /, /^kind create cluster/],
  [/^Longhorn /, /^helm upgrade --install/],
  [/^setting v2-data-engine/, /patch settings.longhorn.io v2-data-engine .*"true"/],
  [/^setting replica-soft/, /patch settings.longhorn.io replica-soft-anti-affinity .*"true"/],
  [/^V2 instance managers/, /patch settings.longhorn.io v2-data-engine .*"true"/],
  [/^block disks/, /patch nodes.longhorn.io/],
  [/^disks/, /patch nodes.longhorn.io/],
];

/** The last deletion of the cluster ends everything before it. */
function clusterOf(succeeded: () => Promise<readonly string[]>): ClusterView {
  const failed = (what: string, expected: string): Error => new Error(`waited for ${what}\n  expected: ${expected}`);
  const holds = async (what: string, expected: string): Promise<boolean> => {
    const all = await succeeded();
    const living = all.slice(all.findLastIndex((call) => call.startsWith('kind delete')) + 1);
    const cause = causes.find(([state]) => state.test(what))?.[1];
    const nodes = what.startsWith('block disks in')
      ? [...new Set([...expected.matchAll(/ on ([\w-]+)/g)].map((one) => one[1]))]
      : [''];
    return (
      cause !== undefined && nodes.every((node) => living.some((call) => cause.test(call) && call.includes(node ?? '')))
    );
  };
  return {
    look: async ({ what, expected }) => ((await holds(what, expected)) ? met('as expected') : pending('not yet')),
    wait: async ({ what, expected }) => {
      if (await holds(what, expected)) return 'as expected';
      throw failed(what, expected);
    },
  };
}
