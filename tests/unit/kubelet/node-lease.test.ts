import { expect, test } from '@playwright/test';
import { createObjectStore } from '../../../embedded/apiserver/object-store.ts';
import { createResources } from '../../../embedded/controlplane/kubernetes/context.ts';
import { startNodeLeases } from '../../../embedded/controlplane/kubernetes/kubelet/node-lease.ts';

test('a node that is down does not renew its lease, the others do', async () => {
  const store = createObjectStore({ customResources: [], admission: [] });
  const stopping = new AbortController();
  const nodes = [
    { name: 'up', ip: '10.0.0.1' },
    { name: 'down', ip: '10.0.0.2' },
  ];
  for (const { name } of nodes) {
    store.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } });
    const status = name === 'up' ? 'True' : 'Unknown';
    store.mutate({ resource: 'nodes', name }, (draft) => (draft.status = { conditions: [{ type: 'Ready', status }] }), {
      subresource: 'status',
    });
  }
  const renewals: string[] = [];
  const renewedTwice = new Promise<void>((resolve) => {
    store.watch('leases.coordination.k8s.io', ({ type, object }) => {
      if (type !== 'MODIFIED') return;
      renewals.push(object.metadata.name);
      if (renewals.length === 2) resolve();
    });
  });
  startNodeLeases({ nodes, resources: createResources(store, stopping.signal), signal: stopping.signal }, store, {
    renewEveryMs: 5,
  });
  await renewedTwice;
  stopping.abort();
  store.close();
  expect(renewals).toEqual(['up', 'up']);
});
