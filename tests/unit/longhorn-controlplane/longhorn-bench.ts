import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createObjectStore } from '../../../embedded/apiserver/object-store.ts';
import type { KubeObject, StoreEvent } from '../../../embedded/apiserver/store.ts';
import { createClock, type Clock } from '../../../embedded/clock.ts';
import { createLonghorn } from '../../../embedded/controlplane/longhorn/longhorn.ts';
import type { Longhorn } from '../../../embedded/controlplane/longhorn/longhorn.ts';
import { versionProfile } from '../../../embedded/versions/profile.ts';
import type { DataPlane } from '../../../embedded/dataplane/contract.ts';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import type { Kinds, Plural, WithStatus } from './bench-kinds.ts';
import { createFakeDataPlane } from './fake-data-plane.ts';
import type { FakeDataPlane } from './fake-data-plane.ts';

const namespace = 'longhorn-system';
export const benchTimeScale = 0.005;
const waitMs = 10_000;

export interface BenchOptions {
  version?: LonghornVersion;
  v2Enabled?: boolean;
  settings?: Record<string, string>;
  hugepages?: string;
  /** Key of every node's filesystem disk. */
  filesystemDisk?: string;
  /** Instead of the fake one. */
  dataPlane?: DataPlane;
  /** Instead of a hurried one. */
  clock?: Clock;
}

/** Longhorn's control plane on a store and a data plane in memory, with an image server beside it. */
export interface Bench {
  readonly longhorn: Longhorn;
  readonly store: ReturnType<typeof createObjectStore>;
  readonly dataPlane: FakeDataPlane;
  /** Every store event of Longhorn's kinds and of events since the start. */
  readonly history: StoreEvent[];
  /** What the image server answers with. */
  image: Buffer;
  object<K extends Plural>(plural: K, name: string): Kinds[K] | undefined;
  /** An object that must be there, with a status. */
  expectObject<K extends Plural>(plural: K, name: string): WithStatus<Kinds[K]>;
  list<K extends Plural>(plural: K): readonly Kinds[K][];
  create<K extends Plural>(kind: string, plural: K, name: string, body: Record<string, unknown>): Kinds[K];
  change<K extends Plural>(plural: K, name: string, edit: (draft: Kinds[K]) => void): void;
  remove(plural: Plural, name: string): void;
  /** Resolves with the first answer, asked after every store event and data plane call; fails after a bound. */
  until<T>(what: string, answer: () => T | undefined | false): Promise<T>;
  close(): Promise<void>;
}

export async function startBench(options: BenchOptions = {}): Promise<Bench> {
  const clock = options.clock ?? createClock(benchTimeScale);
  const profile = versionProfile(options.version ?? '1.11.3');
  const dataPlane = createFakeDataPlane(clock, profile.dataPlane);
  const nodes = ['node1', 'node2', 'node3'].map((name, index) => ({
    name,
    ip: `10.99.0.${String(11 + index)}`,
    disks: [
      { name: options.filesystemDisk ?? 'default-disk', kind: 'filesystem' as const, sizeBytes: 100 * 2 ** 30 },
      { name: 'block-disk', kind: 'block' as const, sizeBytes: 50 * 2 ** 30 },
    ],
  }));
  const longhorn = createLonghorn({
    profile,
    clock,
    dataPlane: options.dataPlane ?? dataPlane,
    nodes,
    seed: 'bench',
    v2Enabled: options.v2Enabled ?? true,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  });
  const store = createObjectStore({ customResources: longhorn.customResources, admission: [longhorn.admission] });
  for (const { name } of nodes) {
    store.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } });
    const change = (draft: KubeObject): void => {
      draft.status = { capacity: { 'hugepages-2Mi': options.hugepages ?? '2Gi' } };
    };
    store.mutate({ resource: 'nodes', name }, change, { subresource: 'status' });
  }
  const bench = { image: Buffer.alloc(0) };
  const server = createServer((_request, response) => {
    // A connection that stays open would stop a virtual clock.
    response.setHeader('connection', 'close');
    response.setHeader('content-length', bench.image.length);
    response.end(bench.image);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await longhorn.start(store, {
    resolve: (host) => (host === 'images.default' ? { host: '127.0.0.1', port } : undefined),
  });
  const history: StoreEvent[] = [];
  const stopWatching = store.watch('*', (event) => {
    if (event.resource === 'events' || event.resource.endsWith('.longhorn.io')) history.push(event);
  });
  const ref = (plural: string, name: string): { resource: string; namespace: string; name: string } => ({
    resource: `${plural}.longhorn.io`,
    namespace,
    name,
  });
  const object = <K extends Plural>(plural: K, name: string): Kinds[K] | undefined =>
    store.get(ref(plural, name)) as Kinds[K] | undefined;
  return Object.assign(bench, {
    longhorn,
    store,
    dataPlane,
    history,
    object,
    expectObject<K extends Plural>(plural: K, name: string): WithStatus<Kinds[K]> {
      const found = object(plural, name);
      if (found?.status === undefined) throw new Error(`${plural} ${name} is absent or has no status`);
      return found as WithStatus<Kinds[K]>;
    },
    list: <K extends Plural>(plural: K) => store.list(`${plural}.longhorn.io`, { namespace }) as readonly Kinds[K][],
    create: <K extends Plural>(kind: string, plural: K, name: string, body: Record<string, unknown>) =>
      store.create(`${plural}.longhorn.io`, {
        apiVersion: 'longhorn.io/v1beta2',
        kind,
        metadata: { name, namespace },
        ...body,
      }) as Kinds[K],
    change<K extends Plural>(plural: K, name: string, edit: (draft: Kinds[K]) => void) {
      store.mutate(ref(plural, name), (draft) => {
        edit(draft as Kinds[K]);
      });
    },
    remove(plural: Plural, name: string) {
      store.delete(ref(plural, name));
    },
    until<T>(what: string, answer: () => T | undefined | false): Promise<T> {
      return new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          stop();
          settle();
        };
        const ask = (): void => {
          const value = answer();
          if (value !== undefined && value !== false) {
            finish(() => {
              resolve(value);
            });
          }
        };
        const timer = setTimeout(() => {
          finish(() => {
            reject(new Error(`not seen within ${String(waitMs)} ms: ${what}`));
          });
        }, waitMs);
        const stopWatch = store.watch('*', ask);
        const stopCalls = dataPlane.onCall(ask);
        const stop = (): void => {
          stopWatch();
          stopCalls();
        };
        ask();
      });
    },
    async close() {
      stopWatching();
      await longhorn.stop();
      await new Promise((resolve) => server.close(resolve));
      store.close();
    },
  });
}

/** The same for one body, closed whatever becomes of that. */
export async function withBench(options: BenchOptions, body: (bench: Bench) => Promise<void> | void): Promise<void> {
  const bench = await startBench(options);
  try {
    await body(bench);
  } finally {
    await bench.close();
  }
}
