import { seededRandom } from '../random.ts';
import type { EngineOptions } from '../options.ts';
import { mapIterationOrder } from './map-order.ts';
import type { NodeServices } from './services.ts';

/** Attaches so far per engine name, so that each draws its own order. */
const attaches = new WeakMap<object, Map<string, number>>();

/** The ordinal of an attach of that engine on this node, from 1 on. */
export function countAttach({ stores }: NodeServices, engineName: string): number {
  const counts = attaches.get(stores) ?? new Map<string, number>();
  attaches.set(stores, counts);
  const attach = (counts.get(engineName) ?? 0) + 1;
  counts.set(engineName, attach);
  return attach;
}

/** The replicas that an engine takes, in the order of their slots. */
export function attachOrder(services: NodeServices, options: EngineOptions, attach: number): string[] {
  const random = seededRandom(services.seed, 'slots', options.name, attach);
  const names = mapIterationOrder(Object.keys(options.replicaAddresses), random);
  const order = services.hooks.attachOrder?.({ engineName: options.name, names }) ?? names;
  const candidates = options.salvageRequested === true ? salvageCandidates(services, options) : new Set(names);
  return order.filter((name) => candidates.has(name));
}

/** Replicas whose heads own most clusters. Source: longhorn-spdk-engine:pkg/spdk/engine.go filterSalvageCandidates@44753b56. */
function salvageCandidates(services: NodeServices, { replicaAddresses }: EngineOptions): ReadonlySet<string> {
  const owned = new Map<string, number>();
  for (const [name, address] of Object.entries(replicaAddresses)) {
    const head = services.peer(address).replicas.get(name)?.store.find(name);
    if (head !== undefined) owned.set(name, head.allocatedClusters);
  }
  const most = Math.max(...owned.values());
  return new Set([...owned.keys()].filter((name) => owned.get(name) === most));
}
