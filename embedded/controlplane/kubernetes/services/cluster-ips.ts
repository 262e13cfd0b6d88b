import type { ClusterContext, Controller } from '../context.ts';
import type { Service } from '../objects/service.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';

/** Gives every service without one an address of 10.96.0.0/16; nothing listens there, `ClusterNetwork` resolves it. */
export function startClusterIps(context: ClusterContext): Controller {
  const { resources, clock, signal } = context;
  const { services } = resources;
  const queue = createReconcileQueue({ name: 'service-ip-allocator', clock, signal, reconcile });
  let next = 10;

  function allocate(): string {
    const used = new Set(services.list().map(({ spec }) => spec.clusterIP));
    for (;;) {
      const address = `10.96.${Math.floor(next / 256) % 256}.${next % 256}`;
      next += 1;
      if (!used.has(address)) {
        return address;
      }
    }
  }

  function lacksAddress({ spec }: Service): boolean {
    return spec.type !== 'ExternalName' && (spec.clusterIP === undefined || spec.clusterIP === '');
  }

  function reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const service = services.get(name, namespace);
    if (service !== undefined && lacksAddress(service)) {
      services.edit(service, (draft) => {
        const address = allocate();
        draft.spec.clusterIP = address;
        draft.spec.clusterIPs = [address];
      });
    }
  }

  services.watch(({ object }) => {
    if (lacksAddress(object)) {
      queue.add(keyOf(object));
    }
  });
  services.list().forEach((service) => queue.add(keyOf(service)));
  return { idle: () => queue.idle() };
}
