import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createObjectStore } from '../../../embedded/apiserver/object-store.ts';
import { StatusError } from '../../../embedded/apiserver/store.ts';
import type { KubeObject, Payload, StoreEvent } from '../../../embedded/apiserver/store.ts';
import { createClock } from '../../../embedded/clock.ts';
import { createLonghorn } from '../../../embedded/controlplane/longhorn/longhorn.ts';
import type { Longhorn } from '../../../embedded/controlplane/longhorn/longhorn.ts';
import { versionProfile } from '../../../embedded/versions/profile.ts';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import { createFakeDataPlane } from './fake-data-plane.ts';
import type { FakeDataPlane } from './fake-data-plane.ts';

const namespace = 'longhorn-system';
const timeScale = 0.005;
const waitMs = 10_000;

export interface BenchOptions {
  version?: LonghornVersion;
  v2Enabled?: boolean;
  settings?: Record<string, string>;
  hugepages?: string;
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
  object(plural: string, name: string): KubeObject | undefined;
  /** A Longhorn object that must be there. */
  expectObject(plural: string, name: string): Payload;
  list(plural: string): readonly KubeObject[];
  create(kind: string, plural: string, name: string, body: Record<string, unknown>): KubeObject;
  change(plural: string, name: string, edit: (draft: Payload) => void): void;
  remove(plural: string, name: string): void;
  /** Resolves with the first truthy answer, asked after every store event; fails with what was there instead. */
  until<T>(what: string, answer: () => T | undefined | false): Promise<T>;
  close(): Promise<void>;
}

export async function startBench(options: BenchOptions = {}): Promise<Bench> {
  const clock = createClock(timeScale);
  const profile = versionProfile(options.version ?? '1.11.3');
  const dataPlane = createFakeDataPlane(clock);
  const nodes = ['node1', 'node2', 'node3'].map((name, index) => ({
    name,
    ip: `10.99.0.${String(11 + index)}`,
    disks: [
      { name: 'default-disk', kind: 'filesystem' as const, sizeBytes: 100 * 2 ** 30 },
      { name: 'block-disk', kind: 'block' as const, sizeBytes: 50 * 2 ** 30 },
    ],
  }));
  const longhorn = createLonghorn({
    profile,
    clock,
    dataPlane,
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
  const object = (plural: string, name: string): KubeObject | undefined => store.get(ref(plural, name));
  return Object.assign(bench, {
    longhorn,
    store,
    dataPlane,
    history,
    object,
    expectObject(plural: string, name: string): Payload {
      const found = object(plural, name);
      if (found === undefined) throw new Error(`${plural} ${name} is absent`);
      return found;
    },
    list: (plural: string) => store.list(`${plural}.longhorn.io`, { namespace }),
    create: (kind: string, plural: string, name: string, body: Record<string, unknown>) =>
      store.create(`${plural}.longhorn.io`, {
        apiVersion: 'longhorn.io/v1beta2',
        kind,
        metadata: { name, namespace },
        ...body,
      }),
    change(plural: string, name: string, edit: (draft: Payload) => void) {
      store.mutate(ref(plural, name), edit);
    },
    remove(plural: string, name: string) {
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
        const stop = store.watch('*', ask);
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

/** The refusal of an operation; fails when it is accepted. */
export function refusal(operation: () => unknown): StatusError {
  try {
    operation();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('the operation was accepted');
}

/** A ready V2 backing image of the bench's image bytes. */
export async function readyImage(bench: Bench, name: string, copies = 2): Promise<Payload> {
  bench.create('BackingImage', 'backingimages', name, {
    spec: {
      sourceType: 'download',
      sourceParameters: { url: 'http://images.default/image' },
      dataEngine: 'v2',
      minNumberOfCopies: copies,
    },
  });
  return bench.until(`backing image ${name} ready`, () => {
    const image: Payload = bench.object('backingimages', name);
    const entries: Payload[] = Object.values(image?.status?.diskFileStatusMap ?? {});
    const ready = entries.length >= copies && entries.every((entry) => entry.dataEngine === 'v2' && entry.state === 'ready');
    return image?.status?.v2FirstCopyStatus === 'ready' && ready ? image : undefined;
  });
}

/** A V2 volume attached on node1 by a `longhorn-api` ticket, healthy. */
export async function healthyVolume(bench: Bench, name: string, spec: Record<string, unknown> = {}): Promise<Payload> {
  bench.create('Volume', 'volumes', name, {
    spec: { size: String(64 * 2 ** 20), numberOfReplicas: 2, dataEngine: 'v2', frontend: 'blockdev', ...spec },
  });
  await bench.until(`volume ${name} detached`, () => (bench.object('volumes', name) as Payload)?.status?.state === 'detached');
  bench.change('volumeattachments', name, (draft) => {
    draft.spec.attachmentTickets['by-test'] = { id: 'by-test', type: 'longhorn-api', nodeID: 'node1', parameters: {} };
  });
  return bench.until(`volume ${name} healthy`, () => {
    const volume: Payload = bench.object('volumes', name);
    return volume?.status?.robustness === 'healthy' ? volume : undefined;
  });
}

/** The values that a field went through, each change once. */
export function valuesOf(bench: Bench, plural: string, name: string, field: (object: Payload) => unknown): unknown[] {
  const values: unknown[] = [];
  for (const event of bench.history) {
    if (event.resource !== `${plural}.longhorn.io` || event.object.metadata.name !== name) continue;
    const value = field(event.object);
    if (value !== undefined && values.at(-1) !== value) values.push(value);
  }
  return values;
}

/** Events about an object, as `reason: message`, in order of their first appearance. */
export function eventsAbout(bench: Bench, kind: string, name: string): string[] {
  return bench.history
    .filter((event) => event.resource === 'events' && event.type === 'ADDED')
    .map((event) => event.object)
    .filter((event) => event['involvedObject'].kind === kind && event['involvedObject'].name === name)
    .map((event) => `${String(event['reason'])}: ${String(event['message'])}`);
}
