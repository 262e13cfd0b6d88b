import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { createObjectStore } from '../../../embedded/apiserver/object-store.ts';
import type { ClusterStore } from '../../../embedded/apiserver/store.ts';
import { createClock } from '../../../embedded/clock.ts';
import type { CsiDriver } from '../../../embedded/controlplane/csi.ts';
import { startKubernetes, type Kubernetes } from '../../../embedded/controlplane/kubernetes/kubernetes.ts';
import type { Pod } from '../../../embedded/controlplane/kubernetes/objects/pod.ts';
import type { ExecOutcome, LogRequest } from '../../../embedded/runtime/contract.ts';
import { createImageCatalog } from '../../../embedded/runtime/image-catalog.ts';

export interface TestCluster {
  readonly store: ClusterStore;
  readonly kubernetes: Kubernetes;
  readonly directory: string;
  pod(name: string): Pod | undefined;
  createPod(name: string, spec: Record<string, unknown>, labels?: Record<string, string>): Pod;
  /** Resolves with the first answer that is not undefined, asked again after every change in the cluster. */
  until<T>(what: string, probe: () => T | undefined): Promise<T>;
  untilPhase(name: string, phase: string): Promise<Pod>;
  untilReady(name: string): Promise<Pod>;
  exec(
    pod: string,
    command: readonly string[],
    stdin?: string,
  ): Promise<{ outcome: ExecOutcome; stdout: string; stderr: string }>;
  logs(pod: string, request?: Partial<LogRequest>): Promise<string>;
  events(name: string): { reason: string; message: string; type: string; count: number }[];
  stop(): Promise<void>;
}

export interface TestClusterOptions {
  timeScale?: number;
  seed?: string;
  csiDrivers?: readonly CsiDriver[];
}

const namespace = 'default';
const waitMs = 15_000;

async function collect(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

function createWaiter(store: ClusterStore): TestCluster['until'] {
  return (what, probe) =>
    new Promise((resolve, reject) => {
      const seen: string[] = [];
      const finish = (): void => {
        clearTimeout(timer);
        stopWatching();
      };
      const check = (): void => {
        const answer = probe();
        if (answer !== undefined) {
          finish();
          resolve(answer);
        }
      };
      const stopWatching = store.watch('*', ({ type, resource, object }) => {
        seen.push(
          `${type} ${resource} ${object.metadata.name} ${JSON.stringify(object.status ?? object['message'] ?? '')}`,
        );
        check();
      });
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`Waited ${waitMs} ms for ${what}. Last changes:\n${seen.slice(-12).join('\n')}`));
      }, waitMs);
      check();
    });
}

/** A cluster of three nodes without API server or Longhorn, in its own directory. */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'kubelet-test-'));
  const clock = createClock(options.timeScale ?? 0.01);
  const store = createObjectStore({ customResources: [], admission: [], clock });
  const kubernetes = startKubernetes({
    store,
    clock,
    nodes: [1, 2, 3].map((index) => ({ name: `node${index}`, ip: `10.99.0.${10 + index}` })),
    directory,
    csiDrivers: options.csiDrivers ?? [],
    images: createImageCatalog({}),
    seed: options.seed ?? 'kubelet tests',
  });
  const until = createWaiter(store);
  const pod = (name: string): Pod | undefined => store.get({ resource: 'pods', namespace, name }) as Pod | undefined;
  return {
    store,
    kubernetes,
    directory,
    pod,
    until,
    createPod: (name, spec, labels = {}) =>
      store.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec }) as Pod,
    untilPhase: (name, phase) =>
      until(`pod ${name} to be ${phase}`, () => (pod(name)?.status?.phase === phase ? pod(name) : undefined)),
    untilReady: (name) =>
      until(`pod ${name} to be ready`, () =>
        pod(name)?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
          ? pod(name)
          : undefined,
      ),
    async exec(name, command, stdin) {
      const stdout = new PassThrough();
      const stderr = new PassThrough();
      const texts = Promise.all([collect(stdout), collect(stderr)]);
      const outcome = await kubernetes.backend.exec({
        namespace,
        pod: name,
        container: undefined,
        command,
        tty: false,
        stdout,
        stderr,
        stdin: stdin === undefined ? undefined : Readable.from([Buffer.from(stdin)]),
        signal: new AbortController().signal,
      });
      stdout.end();
      stderr.end();
      const [out, err] = await texts;
      return { outcome, stdout: out, stderr: err };
    },
    async logs(name, request = {}) {
      const output = new PassThrough();
      const text = collect(output);
      await kubernetes.backend.logs({
        namespace,
        pod: name,
        container: undefined,
        follow: false,
        previous: false,
        tailLines: undefined,
        sinceSeconds: undefined,
        timestamps: false,
        limitBytes: undefined,
        output,
        signal: new AbortController().signal,
        ...request,
      });
      output.end();
      return text;
    },
    events: (name) =>
      store
        .list('events', { namespace })
        .filter((event) => (event['involvedObject'] as { name: string }).name === name) as unknown as ReturnType<
        TestCluster['events']
      >,
    async stop() {
      await kubernetes.stop();
      store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A pod of one shell container. */
export function shellPod(script: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script], ...more }] };
}
