import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createObjectStore } from '../../../embedded/apiserver/object-store.ts';
import { StatusError } from '../../../embedded/apiserver/store.ts';
import type { KubeObject, StoreEvent } from '../../../embedded/apiserver/store.ts';
import { createClock, type Clock } from '../../../embedded/clock.ts';
import { createLonghorn } from '../../../embedded/controlplane/longhorn/longhorn.ts';
import type { Longhorn } from '../../../embedded/controlplane/longhorn/longhorn.ts';
import type {
  BackingImage,
  BackingImageDataSource,
  BackingImageManager,
} from '../../../embedded/controlplane/longhorn/model/backing-image.ts';
import type { Engine } from '../../../embedded/controlplane/longhorn/model/engine.ts';
import type { EngineFrontend } from '../../../embedded/controlplane/longhorn/model/engine-frontend.ts';
import type { InstanceManager, Node, Orphan, Setting } from '../../../embedded/controlplane/longhorn/model/node.ts';
import type { Replica } from '../../../embedded/controlplane/longhorn/model/replica.ts';
import type { Snapshot, Volume, VolumeAttachment } from '../../../embedded/controlplane/longhorn/model/volume.ts';
import { versionProfile } from '../../../embedded/versions/profile.ts';
import type { DataPlane } from '../../../embedded/dataplane/contract.ts';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import { createFakeDataPlane } from './fake-data-plane.ts';
import type { FakeDataPlane } from './fake-data-plane.ts';

const namespace = 'longhorn-system';
export const benchTimeScale = 0.005;
const waitMs = 10_000;

/** Longhorn's kinds by their plural. */
export interface Kinds {
  volumes: Volume;
  engines: Engine;
  enginefrontends: EngineFrontend;
  replicas: Replica;
  volumeattachments: VolumeAttachment;
  snapshots: Snapshot;
  backingimages: BackingImage;
  backingimagedatasources: BackingImageDataSource;
  backingimagemanagers: BackingImageManager;
  nodes: Node;
  instancemanagers: InstanceManager;
  settings: Setting;
  orphans: Orphan;
}
export type Plural = keyof Kinds;
export type WithStatus<T extends { status?: unknown }> = T & { status: NonNullable<T['status']> };

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
export async function readyImage(bench: Bench, name: string, copies = 2): Promise<WithStatus<BackingImage>> {
  bench.create('BackingImage', 'backingimages', name, {
    spec: {
      sourceType: 'download',
      sourceParameters: { url: 'http://images.default/image' },
      dataEngine: 'v2',
      minNumberOfCopies: copies,
    },
  });
  await bench.until(`backing image ${name} ready`, () => {
    const status = bench.object('backingimages', name)?.status;
    const entries = Object.values(status?.diskFileStatusMap ?? {});
    const allReady = entries.every((entry) => entry.dataEngine === 'v2' && entry.state === 'ready');
    return status?.v2FirstCopyStatus === 'ready' && entries.length >= copies && allReady;
  });
  return bench.expectObject('backingimages', name);
}

/** A V2 volume attached on node1 by a `longhorn-api` ticket, healthy. */
export async function healthyVolume(
  bench: Bench,
  name: string,
  spec: Record<string, unknown> = {},
): Promise<WithStatus<Volume>> {
  bench.create('Volume', 'volumes', name, {
    spec: { size: String(64 * 2 ** 20), numberOfReplicas: 2, dataEngine: 'v2', frontend: 'blockdev', ...spec },
  });
  await bench.until(`volume ${name} detached`, () => bench.object('volumes', name)?.status?.state === 'detached');
  bench.change('volumeattachments', name, (draft) => {
    const ticket = { id: 'by-test', type: 'longhorn-api', nodeID: 'node1', parameters: {}, generation: 0 };
    draft.spec.attachmentTickets['by-test'] = ticket;
  });
  await bench.until(`volume ${name} healthy`, () => {
    const { robustness, state } = bench.object('volumes', name)?.status ?? {};
    return robustness === 'healthy' && state === 'attached';
  });
  return bench.expectObject('volumes', name);
}

/** An event of one kind, typed; undefined for events of other kinds. */
export function changeOf<K extends Plural>(
  event: StoreEvent,
  plural: K,
): { type: StoreEvent['type']; name: string; now: Kinds[K]; old: Kinds[K] | undefined } | undefined {
  if (event.resource !== `${plural}.longhorn.io`) return undefined;
  const { type, object, previous } = event;
  return { type, name: object.metadata.name, now: object as Kinds[K], old: previous as Kinds[K] | undefined };
}

export function changesOf<K extends Plural>(bench: Bench, plural: K): NonNullable<ReturnType<typeof changeOf<K>>>[] {
  return bench.history.flatMap((event) => changeOf(event, plural) ?? []);
}

/** The values that a field went through, each change once. */
export function valuesOf<K extends Plural, V>(
  bench: Bench,
  plural: K,
  name: string,
  field: (object: Kinds[K]) => V | undefined,
): V[] {
  const values: V[] = [];
  for (const change of changesOf(bench, plural)) {
    if (change.name !== name) continue;
    const value = field(change.now);
    if (value !== undefined && values.at(-1) !== value) values.push(value);
  }
  return values;
}

interface RecordedEvent extends KubeObject {
  involvedObject: { kind: string; name: string };
  reason: string;
  message: string;
}

/** Events about an object, as `reason: message`, in order of their first appearance. */
export function eventsAbout(bench: Bench, kind: string, name: string): string[] {
  return bench.history
    .filter((event) => event.resource === 'events' && event.type === 'ADDED')
    .map((event) => event.object as RecordedEvent)
    .filter((event) => event.involvedObject.kind === kind && event.involvedObject.name === name)
    .map((event) => `${event.reason}: ${event.message}`);
}
