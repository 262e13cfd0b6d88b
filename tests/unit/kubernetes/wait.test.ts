import type { ConfigMap } from '../../../helpers/kubernetes/core-kinds.ts';
import { configMaps } from '../../../helpers/kubernetes/core-kinds.ts';
import { ForbiddenState, WaitTimeout } from '../../../helpers/kubernetes/errors.ts';
import { met, pending, waitFor, type Progress } from '../../../helpers/kubernetes/wait.ts';
import type { KubeClient, Transition } from '../../../helpers/kubernetes/client.ts';
import { status, type FakeApiServer } from './fake-api-server.ts';
import { expect, namespace, notServedFor, test } from './test.ts';

const object = (phase: string) => ({ name: 'subject', uid: 'u1', data: { phase } });

function phaseIs(wanted: string): (view: { subjects: readonly ConfigMap[] }) => Progress<string> {
  return ({ subjects: [found] }) =>
    found?.data?.['phase'] === wanted ? met(wanted) : pending(`phase ${found?.data?.['phase'] ?? 'absent'}`);
}

function waitForPhase(
  client: KubeClient,
  wanted: string,
  extra: {
    timeoutMs?: number;
    relistMs?: number;
    confirm?: 'reread';
    signal?: AbortSignal;
    unknownKind?: 'wait';
  } = {},
): Promise<string> {
  return waitFor(client, {
    what: 'the subject',
    expected: `phase ${wanted}`,
    sources: { subjects: { kind: configMaps, namespace } },
    until: phaseIs(wanted),
    timeoutMs: 10_000,
    relistMs: 60_000,
    ...extra,
  });
}

async function watching(api: FakeApiServer, count = 1): Promise<void> {
  await expect.poll(() => api.openWatches(), { intervals: [10] }).toBe(count);
}

test('a wait ends at once when the first list shows what it waits for', async ({ api, client }) => {
  api.put(object('ready'));
  expect(await waitForPhase(client, 'ready')).toBe('ready');
});

test('a change that only the watch shows ends a wait', async ({ api, client }) => {
  api.put(object('new'));
  const waiting = waitForPhase(client, 'ready');
  await watching(api);
  api.put(object('ready'));
  expect(await waiting).toBe('ready');
  expect(api.requests.filter((request) => !request.includes('watch='))).toHaveLength(1);
});

test('a state that lasted only for a moment ends a wait: no change is missed', async ({ api, client }) => {
  const waiting = waitForPhase(client, 'degraded');
  await watching(api);
  api.put(object('healthy'));
  api.put(object('degraded'));
  api.put(object('healthy'));
  expect(await waiting).toBe('degraded');
});

test('a half-dead watch is found out by the list beside it', async ({ api, client }) => {
  api.put(object('new'));
  const waiting = waitForPhase(client, 'ready', { relistMs: 50 });
  await watching(api);
  api.put(object('ready'), 'silently');
  expect(await waiting).toBe('ready');
});

test('a watch that the server ended goes on where it was', async ({ api, client }) => {
  api.put(object('new'));
  const waiting = waitForPhase(client, 'ready');
  await watching(api);
  api.endWatches('end');
  await watching(api);
  api.put(object('ready'));
  expect(await waiting).toBe('ready');
  const versions = api.requests.filter((request) => request.includes('watch=')).map(versionOf);
  expect(versions).toEqual(['101', '101']);
});

test('a cut connection is taken up again, and what happened meanwhile is seen', async ({ api, client, troubles }) => {
  api.put(object('new'));
  const waiting = waitForPhase(client, 'ready');
  await watching(api);
  api.endWatches('cut');
  api.put(object('ready'), 'silently');
  expect(await waiting).toBe('ready');
  expect(troubles.join()).toContain('watch of configmaps');
});

for (const how of ['as an event', 'as an answer'] as const) {
  test(`410 ${how} leads to a new list, whatever its version`, async ({ api, client }) => {
    api.put(object('new'));
    const waiting = waitForPhase(client, 'ready');
    await watching(api);
    // As after a restore: versions start over.
    api.resourceVersion = 7;
    api.put(object('ready'), 'silently');
    if (how === 'as an event') {
      const expired = { type: 'ERROR', object: status(410, 'Expired', 'too old resource version: 101 (200)') };
      api.sendToWatches(JSON.stringify(expired));
    } else {
      api.intercept(({ url, response }) => {
        if (url.searchParams.get('watch') !== 'true') return 'pass';
        api.intercept(undefined);
        response.writeHead(410).end(JSON.stringify(status(410, 'Expired', 'too old')));
        return 'handled';
      });
      api.endWatches('end');
    }
    expect(await waiting).toBe('ready');
  });
}

test('a bookmark moves the watch on without being a change', async ({ api, client }) => {
  api.put(object('new'));
  const waiting = waitForPhase(client, 'ready');
  await watching(api);
  api.sendToWatches(JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '150' } } }));
  api.resourceVersion = 150;
  api.endWatches('end');
  await watching(api);
  api.put(object('ready'));
  await waiting;
  expect(api.requests.filter((request) => request.includes('watch=')).map(versionOf)).toContain('150');
});

test('an event older than what a list has shown is ignored', async ({ api, client }) => {
  api.put(object('new'));
  const waiting = waitForPhase(client, 'stale', { timeoutMs: 400 });
  const outcome = expect(waiting).rejects.toThrow(WaitTimeout);
  await watching(api);
  const stale = { metadata: { name: 'subject', namespace, uid: 'u1', resourceVersion: '5' }, data: { phase: 'stale' } };
  api.sendToWatches(JSON.stringify({ type: 'MODIFIED', object: stale }));
  await outcome;
});

test('with a reread, a state that is gone by then does not count', async ({ api, client }) => {
  api.put(object('new'));
  const waiting = waitForPhase(client, 'ready', { confirm: 'reread', timeoutMs: 5_000 });
  await watching(api);
  let rereads = 0;
  api.intercept(({ url }) => {
    if (url.searchParams.get('watch') === null && rereads++ === 0) api.put(object('gone again'), 'silently');
    return 'pass';
  });
  api.put(object('ready'));
  await expect.poll(() => rereads, { intervals: [10] }).toBe(1);
  api.put(object('ready'));
  expect(await waiting).toBe('ready');
  expect(rereads).toBe(2);
});

test('a forbidden state fails at once and says what it was', async ({ api, client }) => {
  const waiting = waitFor(client, {
    what: 'the subject healthy',
    expected: 'phase healthy',
    sources: { subjects: { kind: configMaps, namespace } },
    until: phaseIs('healthy'),
    forbidden: ({ subjects: [found] }) => (found?.data?.['phase'] === 'faulted' ? 'it is faulted' : undefined),
    timeoutMs: 10_000,
  });
  const outcome = expect(waiting).rejects.toThrow(ForbiddenState);
  await watching(api);
  api.put(object('faulted'));
  await outcome;
  await expect(waiting).rejects.toThrow('waiting for the subject healthy: it is faulted');
});

test('a time-out tells expectation, last sight, and what was seen on the way', async ({ api, client }) => {
  api.put(object('new'));
  const waiting = waitForPhase(client, 'ready', { timeoutMs: 500 });
  const outcome = expect(waiting).rejects.toThrow(
    /for the subject\n {2}expected: phase ready\n {2}last seen: phase starting\n {2}on the way:\n.*phase new\n.*phase starting/,
  );
  await watching(api);
  api.put(object('starting'));
  await outcome;
});

test('a time-out names the errors of the API that stood in the way', async ({ api, client }) => {
  api.intercept(({ response }) => {
    response.writeHead(503).end(JSON.stringify(status(503, 'ServiceUnavailable', 'etcd has no leader')));
    return 'handled';
  });
  await expect(waitForPhase(client, 'ready', { timeoutMs: 300 })).rejects.toThrow(/no source has been listed/);
});

test('a source that may not be seen fails at once', async ({ api, client }) => {
  api.intercept(({ response }) => {
    response.writeHead(403).end(JSON.stringify(status(403, 'Forbidden', 'configmaps is forbidden')));
    return 'handled';
  });
  await expect(waitForPhase(client, 'ready')).rejects.toThrow(/subjects cannot be seen.*configmaps is forbidden/);
});

test('a kind that the server does not serve yet is waited for where the wait says so', async ({ api, client }) => {
  api.put(object('ready'));
  const refused = notServedFor(api, 2);
  expect(await waitForPhase(client, 'ready', { unknownKind: 'wait' })).toBe('ready');
  expect(refused()).toBe(2);
});

test('a kind that never comes is named when time is up', async ({ api, client }) => {
  notServedFor(api, Infinity);
  const error = await waitForPhase(client, 'ready', { unknownKind: 'wait', timeoutMs: 300 }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(WaitTimeout);
  expect(String(error)).toMatch(/errors of the API on the way: subjects: GET .*HTTP 404/);
});

test('an abort ends a wait with its reason, and its watch', async ({ api, client, abort }) => {
  const waiting = waitForPhase(client, 'ready');
  const outcome = expect(waiting).rejects.toThrow('enough');
  await watching(api);
  abort.abort(new Error('enough'));
  await outcome;
  await watching(api, 0);
});

test('an ended wait leaves no watch behind', async ({ api, client }) => {
  api.put(object('ready'));
  await waitForPhase(client, 'ready');
  await watching(api, 0);
});

test('changes of summarised fields are reported with their versions, also a deletion', async ({ api, client }) => {
  const seen: Transition[] = [];
  const watchful = client.with({ hooks: { onTransition: (transition) => seen.push(transition) } });
  api.put(object('new'));
  const waiting = waitFor(watchful, {
    what: 'the subject gone',
    expected: 'absent',
    sources: {
      subjects: {
        kind: configMaps,
        namespace,
        summarize: (found: ConfigMap) => ({ phase: found.data?.['phase'] ?? '' }),
      },
    },
    until: ({ subjects }) => (subjects.length === 0 ? met(undefined) : pending('there')),
    timeoutMs: 5_000,
  });
  await watching(api);
  api.put(object('ready'));
  api.remove('subject');
  await waiting;
  expect(seen.map(({ resourceVersion, summary }) => ({ resourceVersion, summary }))).toEqual([
    { resourceVersion: '101', summary: { phase: 'new' } },
    { resourceVersion: '102', summary: { phase: 'ready' } },
    { resourceVersion: '103', summary: { deleted: 'true' } },
  ]);
});

function versionOf(request: string): string | null {
  return new URLSearchParams(request.split('?')[1]).get('resourceVersion');
}
