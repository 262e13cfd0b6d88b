import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { expect, test } from '@playwright/test';
import { WebSocket } from 'ws';
import { send, startCluster } from './client.ts';
import type { Cluster } from './client.ts';
import { addPod, fakePods } from './fake-pods.ts';

interface Frame {
  readonly channel: number;
  readonly bytes: number;
  readonly text: string;
}

interface Recorded {
  readonly name: string;
  readonly request: {
    readonly method?: string;
    readonly path: string;
    readonly subprotocols?: string[];
    readonly stdin?: string;
  };
  readonly negotiated?: string;
  readonly frames?: Frame[];
  readonly close?: { code: number; reason: string };
  readonly httpStatus?: number;
  readonly body?: unknown;
  readonly error?: string;
  readonly response?: { status: number; body: unknown };
}

interface Conversation {
  negotiated: string | undefined;
  frames: Frame[];
  close: { code: number; reason: string } | undefined;
  httpStatus: number | undefined;
  body: string | undefined;
  error: string | undefined;
}

const recording = readFileSync(new URL('./recorded/exec.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Recorded);

async function bodyOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message as AsyncIterable<Buffer>) text += chunk.toString('utf8');
  return text;
}

function converse({ server }: Cluster, request: Recorded['request']): Promise<Conversation> {
  const socket = new WebSocket(`${server.url.replace('https', 'wss')}${request.path}`, request.subprotocols ?? [], {
    ca: server.authority,
    headers: { Authorization: `Bearer ${server.token}` },
  });
  const seen: Conversation = {
    negotiated: undefined,
    frames: [],
    close: undefined,
    httpStatus: undefined,
    body: undefined,
    error: undefined,
  };
  return new Promise((resolve) => {
    socket.on('open', () => {
      seen.negotiated = socket.protocol;
      if (request.stdin === undefined) return;
      socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(request.stdin)]));
      socket.send(Buffer.from([255, 0]));
    });
    socket.on('message', (data: Buffer) => {
      const text = data.subarray(1).toString('utf8');
      seen.frames.push({
        channel: data[0] ?? -1,
        bytes: data.length - 1,
        text: text.length > 300 ? `${text.slice(0, 59)}…` : text,
      });
    });
    socket.on('unexpected-response', (_outgoing, message) => {
      seen.httpStatus = message.statusCode;
      void bodyOf(message).then((text) => {
        seen.body = text;
        resolve(seen);
      });
    });
    socket.on('error', (error) => (seen.error = error.message));
    socket.on('close', (code, reason) => {
      seen.close = { code, reason: reason.toString() };
      resolve(seen);
    });
  });
}

/** Output streams race with one another, so the order counts per channel. */
function byChannel(frames: readonly Frame[]): Record<number, Frame[]> {
  return Object.fromEntries([1, 2, 3].map((channel) => [channel, frames.filter((frame) => frame.channel === channel)]));
}

let cluster: Cluster;

test.beforeAll(async () => {
  cluster = await startCluster({ backend: fakePods });
  addPod(cluster.store, 'ex');
});

test.afterAll(() => cluster.close());

for (const recorded of recording.filter(({ frames, error }) => frames !== undefined && error === undefined)) {
  test(`exec "${recorded.name}" sends the recorded messages on the recorded channels and closes alike`, async () => {
    const seen = await converse(cluster, recorded.request);
    expect(seen.negotiated).toBe(recorded.negotiated);
    expect(seen.close).toEqual(recorded.close);
    if (recorded.name === 'command not found') {
      // The recording keeps only the beginning of the container runtime's own words.
      expect(seen.frames.map(({ channel }) => channel)).toEqual(recorded.frames?.map(({ channel }) => channel));
      expect(seen.frames[1]?.text).toMatch(/^\{"metadata":\{\},"status":"Failure","message":"Internal error/);
    } else expect(byChannel(seen.frames)).toEqual(byChannel(recorded.frames ?? []));
    expect(seen.frames[0]).toEqual(recorded.frames?.[0]);
    expect(seen.frames.at(-1)?.channel).toBe(3);
  });
}

test('a pod that does not exist and an exec without a stream are refused before the upgrade, as recorded', async () => {
  for (const recorded of recording.filter(({ httpStatus }) => httpStatus !== undefined)) {
    const seen = await converse(cluster, recorded.request);
    expect(seen.httpStatus, recorded.name).toBe(recorded.httpStatus);
    expect(typeof recorded.body === 'string' ? seen.body : JSON.parse(seen.body ?? ''), recorded.name).toEqual(
      recorded.body,
    );
  }
});

test('a client that offers no subprotocol is answered with the nameless one, which ws refuses as recorded', async () => {
  const recorded = recording.find(({ name }) => name === 'no subprotocol');
  const seen = await converse(cluster, recorded?.request ?? { path: '' });
  expect({ error: seen.error, close: seen.close }).toEqual({ error: recorded?.error, close: recorded?.close });
});

test('logs are answered as recorded: whole, tail, timestamps, and a container that is not there', async () => {
  for (const { name, request, response } of recording.filter((one) => one.name.startsWith('log'))) {
    const answer = await send(cluster.server, { method: 'GET', path: request.path });
    expect(answer.status, name).toBe(response?.status);
    if (name === 'log timestamps')
      expect(answer.text.split('\n')[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z started$/);
    else expect(answer.body, name).toEqual(response?.body);
  }
});

test('a pod is filled in with the defaults that the recorded pod has', async () => {
  const recorded = recording.find(({ name }) => name === 'pod get')?.response?.body as {
    spec: Record<string, unknown>;
  };
  const answer = await send(cluster.server, { method: 'GET', path: '/api/v1/namespaces/default/pods/ex' });
  const seen = (answer.body as { spec: Record<string, unknown> }).spec;
  for (const field of [
    'restartPolicy',
    'dnsPolicy',
    'schedulerName',
    'securityContext',
    'serviceAccountName',
    'serviceAccount',
    'tolerations',
    'priority',
    'enableServiceLinks',
    'preemptionPolicy',
  ]) {
    expect(seen[field], field).toEqual(recorded.spec[field]);
  }
  const volumeOf = (spec: Record<string, unknown>): unknown =>
    ((spec['volumes'] as { projected: unknown }[] | undefined) ?? [])[0]?.projected;
  expect(volumeOf(seen)).toEqual(volumeOf(recorded.spec));
});

test('the process is told when its client goes away', async () => {
  let aborted: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (aborted = resolve));
  const other = await startCluster({
    backend: {
      ...fakePods,
      exec: async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        aborted();
        return { kind: 'exited', exitCode: 137 };
      },
    },
  });
  try {
    addPod(other.store, 'ex');
    const socket = new WebSocket(
      `${other.server.url.replace('https', 'wss')}/api/v1/namespaces/default/pods/ex/exec?command=sleep&stdout=true`,
      ['v5.channel.k8s.io'],
      { ca: other.server.authority, headers: { Authorization: `Bearer ${other.server.token}` } },
    );
    socket.on('message', () => socket.terminate());
    await gone;
  } finally {
    await other.close();
  }
});

test('an exec can be cut after some bytes of output or before its status', async () => {
  const path =
    '/api/v1/namespaces/default/pods/ex/exec?command=sh&command=-c&command=dd%20if%3D%2Fdev%2Fzero&stdout=true';
  const request = { path, subprotocols: ['v5.channel.k8s.io'] };
  await cluster.server.inject({ kind: 'cut-exec', at: { outputBytes: 40_000 }, times: 1 });
  const cut = await converse(cluster, request);
  expect(cut.close?.code).toBe(1006);
  expect(cut.frames.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(40_000);
  await cluster.server.inject({ kind: 'cut-exec', at: 'before-status', times: 1 });
  const silent = await converse(cluster, request);
  expect(silent.close?.code).toBe(1006);
  expect(silent.frames.filter(({ channel }) => channel === 1).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
    200 * 1024,
  );
  expect(silent.frames.some(({ channel }) => channel === 3)).toBe(false);
  expect((await converse(cluster, request)).close?.code).toBe(1000);
});

test(
  'a stream over SPDY is left out',
  {
    annotation: {
      type: 'differs',
      description:
        'kubectl upgrades to WebSocket since 1.30, client-node always did; older ones are told what to use instead',
    },
  },
  async () => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { Authorization: `Bearer ${cluster.server.token}`, Connection: 'Upgrade', Upgrade: 'SPDY/3.1' };
      const outgoing = request(
        `${cluster.server.url}/api/v1/namespaces/default/pods/ex/exec?command=true&stdout=1`,
        { method: 'POST', headers, ca: cluster.server.authority, agent: false },
        resolve,
      );
      outgoing.on('error', reject).end();
    });
    let text = '';
    for await (const chunk of answer as AsyncIterable<Buffer>) text += chunk.toString('utf8');
    expect(answer.statusCode).toBe(400);
    expect(text).toContain(
      'streams over SPDY/3.1 are not served by the embedded cluster; use a client that upgrades to WebSocket, such as kubectl 1.30 or newer',
    );
  },
);
