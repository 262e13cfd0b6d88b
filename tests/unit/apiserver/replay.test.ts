import { expect, test } from '@playwright/test';
import { startCluster } from './client.ts';
import type { Cluster } from './client.ts';
import { leftOut, needsLonghorn } from './left-out.ts';
import { comparable, readRecording, replay } from './replay.ts';

const recording = readRecording(new URL('./recorded/exchanges.jsonl', import.meta.url));

/** The writes that the recorder made while its watch was open. */
async function writesDuringWatch({ store }: Cluster): Promise<void> {
  const ref = { resource: 'configmaps', namespace: 'contract', name: 'one' };
  store.mutate(ref, (draft) => (draft['data'] = { k: 'w1' }));
  store.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'w', namespace: 'contract' } });
  store.delete({ ...ref, name: 'w' });
  return Promise.resolve();
}

/** Resolves when the namespace is gone, as the recorder waited. */
async function namespaceGone({ store }: Cluster, name: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = store.watch('namespaces', ({ type, object }) => {
      if (type !== 'DELETED' || object.metadata.name !== name) return;
      stop();
      resolve();
    });
  });
}

test('every recorded exchange of a real API server that needs no Longhorn is answered alike', async () => {
  const cluster = await startCluster();
  try {
    const replayed = await replay(cluster, recording, {
      skip: new Set(needsLonghorn.map(({ name }) => name)),
      meanwhile: {
        'watch from rv': writesDuringWatch,
        'namespace delete': (one) => namespaceGone(one, 'contract'),
      },
    });
    const differences: unknown[] = [];
    for (const { exchange, answer } of replayed) {
      const left = leftOut.filter((entry) => entry.exchange === exchange.name);
      const view = (body: unknown): unknown =>
        left.reduce((seen, entry) => entry.without(seen), comparable(body) as unknown);
      const expected = {
        name: exchange.name,
        status: exchange.response.status,
        contentType: exchange.response.contentType,
        body: view(exchange.response.body),
      };
      const seen = {
        name: exchange.name,
        status: answer.status,
        contentType: answer.contentType,
        body: view(answer.body),
      };
      try {
        expect(seen).toEqual(expected);
      } catch (error) {
        differences.push((error as Error).message);
      }
    }
    expect(differences.join('\n\n')).toBe('');
    expect(replayed.length).toBe(recording.length - needsLonghorn.length);
  } finally {
    await cluster.close();
  }
});

for (const entry of leftOut) {
  const { exchange, reason } = entry;
  test(`the recorded answer '${exchange}' differs`, { annotation: { type: 'differs', description: reason } }, () => {
    const recorded = recording.find(({ name }) => name === exchange)?.response.body as unknown;
    expect(recorded).toBeDefined();
    expect(entry.without(recorded)).not.toEqual(recorded);
  });
}

test('an exchange that is replayed elsewhere is in the recording', () => {
  const names = recording.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(needsLonghorn.map(({ name }) => name)));
});
