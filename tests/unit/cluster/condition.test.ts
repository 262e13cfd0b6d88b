import { configMaps } from '../../../helpers/kubernetes/core-kinds.ts';
import { met, pending } from '../../../helpers/kubernetes/wait.ts';
import { condition } from '../../../scripts/cluster/plan/condition.ts';
import { expect, namespace, notServedFor, test } from '../kubernetes/test.ts';

test('a kind that helm has just made is waited for, though the server does not serve it yet', async ({
  api,
  client,
}) => {
  api.put({ name: 'subject', uid: 'u1' });
  const seen = condition({
    ...{ what: 'the subject', expected: 'there', kubectl: ['kubectl', 'get', 'configmaps'] },
    sources: { subjects: { kind: configMaps, namespace } },
    until: ({ subjects }) => (subjects.length > 0 ? met('there') : pending('absent')),
  });
  notServedFor(api, 2);
  expect(await seen.look(client)).toEqual(pending('the cluster has no subjects yet'));
  expect(await seen.wait(client, 10_000, () => undefined)).toBe('there');
});

test('whoever waits hears what is there instead, once for each change of it', async ({ api, client }) => {
  const subject = (phase: string) => ({ name: 'subject', uid: 'u1', data: { phase } });
  api.put(subject('made'));
  const heard: string[] = [];
  const ready = condition({
    ...{ what: 'the subject', expected: 'ready', kubectl: ['kubectl', 'get', 'configmaps'] },
    sources: { subjects: { kind: configMaps, namespace } },
    until: ({ subjects: [found] }) => {
      const phase = found?.data?.['phase'] ?? 'absent';
      return phase === 'ready' ? met(phase) : pending(phase);
    },
  });
  const seen = await ready.wait(client, 10_000, (what) => {
    heard.push(what);
    api.put(subject(heard.length === 1 ? 'pulling' : 'ready'));
  });
  expect(seen).toBe('ready');
  expect(heard).toEqual(['made', 'pulling']);
});
