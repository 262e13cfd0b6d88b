import type { Admission, ClusterStore } from '../store.ts';

const prefix = '10.96.';

/** Gives services a cluster IP out of 10.96.0.0/16, lowest free one first, as an admission step of the store itself. */
export function createServiceAddresses(store: Pick<ClusterStore, 'list'>): Admission {
  let next = 10;
  return {
    mutate({ operation, resource, object, oldObject }) {
      if (resource !== 'services' || operation === 'DELETE' || object.spec === undefined) return;
      if (oldObject?.spec?.clusterIP !== undefined && object.spec.clusterIP === undefined) {
        object.spec.clusterIP = oldObject.spec.clusterIP;
      }
      if (object.spec.type === 'ExternalName') return;
      if ((object.spec.clusterIP ?? '') === '') {
        const used = new Set(store.list('services').map((service) => service.spec?.clusterIP as string | undefined));
        let address: string;
        do {
          next += 1;
          address = `${prefix}${(next >> 8) & 0xff}.${next & 0xff}`;
        } while (used.has(address));
        object.spec.clusterIP = address;
      }
      object.spec.clusterIPs ??= [object.spec.clusterIP];
    },
  };
}
