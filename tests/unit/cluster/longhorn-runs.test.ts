import { longhornRuns } from '../../../scripts/cluster/longhorn/conditions.ts';
import { expect, test } from '../kubernetes/test.ts';

const meta = (name: string) => ({ name, namespace: 'longhorn-system', uid: name, resourceVersion: '1' });

const manager = {
  metadata: meta('longhorn-manager'),
  spec: {
    template: { spec: { containers: [{ name: 'longhorn-manager', image: 'longhornio/longhorn-manager:v1.8.1' }] } },
  },
  status: { desiredNumberScheduled: 1, numberReady: 0 },
};

const waiting = (name: string, reason: string, message?: string) => ({
  metadata: meta(name),
  spec: { containers: [{ name: 'longhorn-manager' }] },
  status: {
    containerStatuses: [{ name: 'longhorn-manager', ready: false, state: { waiting: { reason, message } } }],
  },
});

const unscheduled = {
  metadata: meta('longhorn-manager-b'),
  spec: { containers: [{ name: 'longhorn-manager' }] },
  status: {
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '1 Insufficient cpu.' }],
  },
};

for (const { pods, seen } of [
  {
    pods: [waiting('longhorn-manager-a', 'ErrImagePull', 'no such host')],
    seen: 'longhorn-manager 0/1 ready; longhorn-manager-a: ErrImagePull: no such host',
  },
  {
    pods: [waiting('longhorn-manager-a', 'ContainerCreating'), unscheduled],
    seen: 'longhorn-manager 0/1 ready; longhorn-manager-b: Unschedulable: 1 Insufficient cpu.',
  },
  { pods: [waiting('longhorn-manager-a', 'ContainerCreating')], seen: 'longhorn-manager 0/1 ready' },
]) {
  test(`what is seen of a Longhorn that does not run yet: ${seen}`, async ({ api, client }) => {
    api.intercept(({ url, response }) => {
      const items = url.pathname.endsWith('/daemonsets') ? [manager] : url.pathname.endsWith('/pods') ? pods : [];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ kind: 'List', metadata: { resourceVersion: '1' }, items }));
      return 'handled';
    });
    expect(await longhornRuns({ context: 'fake' }, '1.8.1').look(client)).toEqual({ state: 'pending', seen });
  });
}
