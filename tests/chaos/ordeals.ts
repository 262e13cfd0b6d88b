/** What the suite is put through, and what it may say then. */
import { setTimeout as delay } from 'node:timers/promises';
import { pods } from '../../helpers/kubernetes/core-kinds.ts';
import { runIdLabel } from '../../helpers/kubernetes/ownership.ts';
import type { VerdictName } from '../../helpers/verdict/verdict.ts';
import { rebootNode } from './reboot.ts';
import type { ChaosProxy } from './proxy.ts';
import { cutPasses, roughDay, seededChance, type SeenRequest, type TroubleMaker } from './trouble.ts';
import type { DirectAccess } from './direct-access.ts';

export interface Scene {
  readonly seed: string;
  readonly proxy: ChaosProxy;
  /** The cluster itself, past the proxy. */
  readonly direct: DirectAccess;
  /** SIGKILL to the command, its Playwright and its workers, all at once. */
  readonly killAll: () => void;
  /** Aborted when the run has ended. */
  readonly ended: AbortSignal;
}

export interface Ordeal {
  readonly name: string;
  readonly what: string;
  /** All of them are part of the soak. */
  readonly when: 'every test run' | 'soak';
  readonly troubleMaker: (seed: string) => TroubleMaker;
  /** Done once, while the suite runs. */
  readonly act?: (scene: Scene) => Promise<void>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Any other verdict is a failure of the suite. */
  readonly allowed: readonly VerdictName[];
  /** One of the causes, where the verdict is inconclusive. */
  readonly cause?: RegExp;
  /** A killed run undoes nothing: what it left must be swept. */
  readonly aftermath: 'nothing is left' | 'a sweep leaves nothing';
}

const peace: TroubleMaker = () => undefined;
const skewedClock = new URL('skewed-clock.mjs', import.meta.url).href;
const isPass = ({ kind, path }: SeenRequest): boolean => kind === 'exec' && path.includes('command=pass');
/** What changes the cluster, commands in pods among it; reviews of permissions are only asked with POST. */
const isChange = ({ kind, method, path }: SeenRequest): boolean =>
  kind === 'exec' || (method !== 'GET' && !path.includes('/selfsubjectaccessreviews'));

export const ordeals: readonly Ordeal[] = [
  {
    name: 'rough-day',
    what: '429, 5xx, resets, slow answers, watches that expire or break, an API restart, and a clock an hour ahead',
    when: 'every test run',
    troubleMaker: roughDay,
    act: async ({ seed, proxy, ended }) => {
      // Before any command runs in a pod: a stream that a restart cuts is not the client's to repair.
      await nthRequest(proxy, 2 + Math.floor(seededChance(`${seed} restart`)() * 4), isChange, ended);
      await proxy.restart(1_500);
    },
    environment: { NODE_OPTIONS: `--import=${skewedClock}`, CLOCK_SKEW_MS: String(3_600_000) },
    allowed: ['consistent'],
    aftermath: 'nothing is left',
  },
  {
    name: 'restart',
    what: 'the API restarts at a drawn moment',
    when: 'soak',
    troubleMaker: () => peace,
    act: async ({ seed, proxy, ended }) => {
      await nthRequest(proxy, 2 + Math.floor(seededChance(`${seed} restart`)() * 25), isChange, ended);
      await proxy.restart(1_500);
    },
    allowed: ['consistent', 'inconclusive'],
    cause: /gave no result|the command's end is unknown|failed/,
    aftermath: 'nothing is left',
  },
  {
    name: 'cut-streams',
    what: 'every read of the device loses its exec stream, in its middle or without the status',
    when: 'every test run',
    troubleMaker: cutPasses,
    allowed: ['inconclusive'],
    cause: /gave no result: probe pass: the command's end is unknown/,
    aftermath: 'nothing is left',
  },
  {
    name: 'evicted',
    what: 'the probe pod is evicted while it reads',
    when: 'every test run',
    troubleMaker: () => peace,
    act: async ({ seed, proxy, direct, ended }) => {
      await nthRequest(proxy, 1 + Math.floor(seededChance(`${seed} evict`)() * 3), isPass, ended);
      const { items } = await direct.client.list(pods, { labelSelector: runIdLabel });
      const probe = items.find(({ metadata }) => metadata.name.startsWith('probe-first'));
      if (probe !== undefined) await direct.evict(probe);
    },
    allowed: ['inconclusive'],
    cause: /gave no result|pod|exec/,
    aftermath: 'nothing is left',
  },
  {
    name: 'rebooted',
    what: 'the node of the probe pod and of the engine loses power while the device is read, and comes back',
    when: 'every test run',
    troubleMaker: () => peace,
    act: async ({ seed, proxy, direct, ended }) => {
      await nthRequest(proxy, 1 + Math.floor(seededChance(`${seed} reboot`)() * 3), isPass, ended);
      const { items } = await direct.client.list(pods, { labelSelector: runIdLabel });
      const probe = items.find(({ metadata }) => metadata.name.startsWith('probe-first'));
      await rebootNode(direct.client, probe?.spec.nodeName ?? '', 60);
    },
    allowed: ['inconclusive'],
    cause: /gave no result|pod|exec/,
    aftermath: 'nothing is left',
  },
  {
    name: 'killed',
    what: 'the run is killed at a drawn moment, then swept',
    when: 'every test run',
    troubleMaker: () => peace,
    act: async ({ seed, proxy, killAll, ended }) => {
      await nthRequest(proxy, 2 + Math.floor(seededChance(`${seed} kill`)() * 25), isChange, ended);
      killAll();
    },
    allowed: ['consistent', 'inconclusive'],
    aftermath: 'a sweep leaves nothing',
  },
];

/** Resolves at the n-th matching request, or rejects when the run ends before it. */
async function nthRequest(
  proxy: ChaosProxy,
  count: number,
  matches: (request: SeenRequest) => boolean,
  ended: AbortSignal,
): Promise<void> {
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    ended.addEventListener('abort', () => {
      reject(new Error(`the run ended after ${String(seen)} of ${String(count)} requests`));
    });
    proxy.onRequest = (request) => {
      if (!matches(request)) return;
      seen += 1;
      if (seen === count) resolve();
    };
  });
  // In the middle of what the request asks for, not right before it.
  await delay(20);
}
