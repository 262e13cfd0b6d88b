import { formerTenant } from '../clusters.ts';
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
        const taken = Array.from({ length: count * 3 }, () => store.file.allocate());
        const released = taken.filter(() => random.integer(3) > 0);
        for (const cluster of released) {
          store.file.release(cluster);
          store.file.soil(cluster, formerTenant(seed, store.uuid, cluster));
        }
        liveness.note(
          'state',
          `${String(taken.length - released.length)} clusters of ${store.uuid} are taken, ${String(released.length)} soiled`,
        );
      },
    };
  },
};
