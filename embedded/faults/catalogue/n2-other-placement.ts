import { clusterBytes, formerTenant } from '../clusters.ts';
import type { Control } from '../fault.ts';

export const otherPlacement: Control = {
  kind: 'control',
  id: 'N2',
  name: 'other places and used clusters',
  model:
    'Each disk has a different set of clusters in use by others and free ones with stale bytes, so lvols lie elsewhere on each.',
  copies: [],
  parameters: {
    clusters: {
      kind: 'integer',
      default: 12,
      min: 1,
      max: 500,
      text: 'how many clusters are taken, and how many are soiled',
    },
  },
  hooks({ parameters, random, liveness, seed }) {
    return {
      diskCreated(store) {
        const count = parameters.integer('clusters');
        const tenant = store.create('another-tenant', count * 3 * clusterBytes);
        for (let index = 0; index < tenant.table.length; index += 1)
          tenant.write(index * clusterBytes, Buffer.alloc(4096));
        const released = tenant.ownedClusters().filter(() => random.integer(3) > 0);
        for (const index of released) {
          const cluster = tenant.table[index] ?? -1;
          tenant.releaseCluster(index);
          store.file.soil(cluster, formerTenant(seed, store.uuid, cluster));
        }
        liveness.note(
          'state',
          `${String(tenant.allocatedClusters)} clusters of ${store.uuid} are taken, ${String(released.length)} soiled`,
        );
      },
    };
  },
};
