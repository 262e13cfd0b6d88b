/** The HTTP API of longhorn-manager, asked on the address of a manager pod. */
import { request } from 'node:http';
import { json, text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { expect, test } from '@playwright/test';
import { managerPort } from '../../../embedded/controlplane/longhorn/manager-api/manager-api.ts';
import { healthyVolume } from './bench-objects.ts';
import { type Bench, startBench } from './longhorn-bench.ts';

// On Linux every address of 127.0.0.0/8 is there; elsewhere this one alone.
const address = process.platform === 'linux' ? '127.99.0.7' : '127.0.0.1';

let bench: Bench;

test.beforeAll(async () => {
  bench = await startBench();
  bench.store.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'manager', namespace: 'longhorn-system', labels: { app: 'longhorn-manager' } },
    spec: {
      serviceAccountName: 'longhorn-service-account',
      containers: [{ name: 'longhorn-manager', image: 'manager' }],
    },
  });
  bench.store.mutate(
    { resource: 'pods', namespace: 'longhorn-system', name: 'manager' },
    (draft) => {
      draft.status = { phase: 'Running', podIP: address };
    },
    { subresource: 'status' },
  );
  await healthyVolume(bench, 'vol1');
});

test.afterAll(async () => {
  await bench.close();
});

async function ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: address, port: managerPort, method, path, agent: false }, resolve);
    outgoing.once('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function act(
  action: string,
  body: unknown,
  volume = 'vol1',
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await ask('POST', `/v1/volumes/${volume}?action=${action}`, body);
  const told = await text(answer);
  return { status: answer.statusCode ?? 0, body: told === '' ? {} : (JSON.parse(told) as Record<string, unknown>) };
}

test('a volume is shown with its actions, its engine, its replicas and who holds it', async () => {
  const answer = await ask('GET', '/v1/volumes/vol1');
  expect(answer.statusCode).toBe(200);
  expect(await json(answer)).toMatchObject({
    id: 'vol1',
    type: 'volume',
    state: 'attached',
    robustness: 'healthy',
    frontend: 'blockdev',
    disableFrontend: false,
    actions: { attach: expect.any(String), snapshotRevert: expect.stringContaining('?action=snapshotRevert') },
    controllers: [{ name: 'vol1-e-0', running: true }],
    replicas: [{ mode: 'RW' }, { mode: 'RW' }],
  });
});

test('a volume that is not there is a 404 without a word, an action that is not there one of the router', async () => {
  const absent = await ask('GET', '/v1/volumes/none');
  expect([absent.statusCode, await text(absent)]).toEqual([404, '']);
  const unknown = await ask('POST', '/v1/volumes/vol1?action=explode', {});
  expect([unknown.statusCode, await text(unknown)]).toEqual([404, '404 page not found\n']);
});

test('a revert is refused in the manager’s words, one after the other', async () => {
  const refusals = [
    [
      await act('snapshotRevert', { name: 's1' }),
      'failed to revert snapshot: failed to revert snapshot for volume vol1 with frontend enabled',
    ],
    [
      await act('snapshotRevert', { name: 's1' }, 'none'),
      'failed to revert snapshot: volume.longhorn.io "none" not found',
    ],
    [
      await act('attach', { hostId: 'node9', attachmentID: 'a' }),
      'unable to attach volume vol1 to node9: node.longhorn.io "node9" not found',
    ],
  ] as const;
  for (const [{ body }, message] of refusals) expect(body).toMatchObject({ type: 'error', message });
  expect(refusals.map(([{ status }]) => status)).toEqual([500, 404, 404]);
});

test('detached, attached without a frontend and reverted: only to a snapshot that the volume has', async () => {
  bench.change('volumeattachments', 'vol1', (draft) => {
    draft.spec.attachmentTickets = {};
  });
  await bench.until('detached', () => bench.object('volumes', 'vol1')?.status?.state === 'detached');
  expect((await act('snapshotRevert', { name: 's1' })).body['message']).toBe(
    'failed to revert snapshot: failed to revert snapshot for volume vol1 with frontend enabled',
  );
  const ticket = {
    hostId: 'node1',
    disableFrontend: true,
    attachedBy: '',
    attacherType: 'longhorn-api',
    attachmentID: 'mine',
  };
  expect((await act('attach', ticket)).status).toBe(200);
  await bench.until('attached', () => bench.object('volumes', 'vol1')?.status?.state === 'attached');
  expect(bench.object('volumeattachments', 'vol1')?.spec.attachmentTickets['mine']).toMatchObject({
    type: 'longhorn-api',
    nodeID: 'node1',
    parameters: { disableFrontend: 'true', lastAttachedBy: '' },
  });
  expect(bench.object('volumes', 'vol1')?.status?.frontendDisabled).toBe(true);

  expect((await act('snapshotRevert', {})).body['message']).toBe(
    'failed to revert snapshot: volume and snapshot name required',
  );
  expect((await act('snapshotRevert', { name: 's1' })).body['message']).toBe(
    "failed to revert snapshot: not found snapshot 's1', for volume 'vol1'",
  );
  await bench.dataPlane
    .node('node1')
    .engineSnapshotCreate({ engineName: 'vol1-e-0', snapshotName: 's1', userCreated: true });
  expect(await act('snapshotRevert', { name: 's1' })).toEqual({ status: 200, body: {} });

  expect((await act('detach', { attachmentID: 'mine' })).body).toMatchObject({ id: 'vol1' });
  await bench.until('detached', () => bench.object('volumes', 'vol1')?.status?.state === 'detached');
});

test('nobody answers at the address of a manager pod that is gone', async () => {
  bench.store.delete({ resource: 'pods', namespace: 'longhorn-system', name: 'manager' }, { gracePeriodSeconds: 0 });
  const refused = async (): Promise<string | undefined> =>
    ask('GET', '/v1/volumes').then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code,
    );
  await expect.poll(refused).toBe('ECONNREFUSED');
});
