/**
 * Exchanges with a running apiextensions-apiserver 1.36.4 on etcd 3.5.30, made again against the embedded one, in order:
 * definitions, custom objects by every verb and patch, server-side apply with its owners, refusals. recorded/README.md
 * says what is not in them.
 */
import { expect, test } from '@playwright/test';
import { startCluster } from './client.ts';
import { comparable, readRecording, replay } from './replay.ts';

const recording = readRecording(new URL('./recorded/apiextensions.jsonl', import.meta.url));

const text = (value: unknown): string => JSON.stringify(value);

/** Texts that hold a uid, a time or a random name; owners, whose order is that of the seconds in which they came. */
function loose(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => loose(item));
    return key === 'managedFields' ? items.sort((a, b) => (text(a) < text(b) ? -1 : 1)) : items;
  }
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, loose(item, name)]));
  if (typeof value !== 'string') return value;
  return value
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
    .replace(/(?<=resource version: \d+, current: )\d+/, '<resourceVersion>')
    .replace(/(gen-|Bad_)[a-z0-9]{5}\b/g, '$1<suffix>')
    .replace(/(\\"resourceVersion\\":\\"|"resourceVersion":")\d+/g, '$1<resourceVersion>')
    .replace(/(ResourceVersion in [a-z ]+?(?: \(|: ))\d+/g, '$1<resourceVersion>');
}

const view = (body: unknown): unknown => loose(comparable(body, '', 'with owners'));

test('every recorded exchange of a running apiextensions-apiserver is answered alike', async () => {
  const cluster = await startCluster();
  try {
    for (const name of ['coll', 'lists'])
      cluster.store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const replayed = await replay(cluster, recording, { skip: new Set(), meanwhile: {} });
    const differences: string[] = [];
    for (const { exchange, answer } of replayed) {
      const { status, contentType, warning, body } = exchange.response;
      const expected = {
        name: exchange.name,
        status,
        contentType,
        warning,
        ...(body === null ? {} : { body: view(body) }),
      };
      const seen = {
        name: exchange.name,
        status: answer.status,
        contentType: answer.contentType,
        warning: answer.headers['warning'],
        ...(body === null ? {} : { body: view(answer.body) }),
      };
      try {
        expect(seen).toEqual(expected);
      } catch (error) {
        differences.push((error as Error).message);
      }
    }
    expect(differences.join('\n\n')).toBe('');
    expect(replayed.length).toBe(recording.length);
  } finally {
    await cluster.close();
  }
});
