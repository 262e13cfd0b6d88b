import { connect } from '../../../helpers/kubernetes/client.ts';
import { Belonging } from '../../../helpers/kubernetes/belonging.ts';
import { configMaps } from '../../../helpers/kubernetes/core-kinds.ts';
import { ApiError, KubeconfigError } from '../../../helpers/kubernetes/errors.ts';
import { createdAtAnnotation, NotOwned, Owned, runIdLabel } from '../../../helpers/kubernetes/ownership.ts';
import { isNewer } from '../../../helpers/kubernetes/resource-version.ts';
import { status } from './fake-api-server.ts';
import { expect, namespace, test } from './test.ts';

const ref = { namespace, name: 'one' };
const manifest = { metadata: { name: 'one', namespace } };

test('an object of a run carries its label and the time of its creation', async ({ api, client }) => {
  const owned = await client.createOwned(configMaps, 'run1', manifest);
  expect(owned.runId).toBe('run1');
  expect(api.objects()[0]?.labels).toEqual({ [runIdLabel]: 'run1' });
  expect(Date.parse(api.objects()[0]?.annotations?.[createdAtAnnotation] ?? '')).toBeGreaterThan(0);
});

test('nothing without a label of a run can be made into what may be deleted', async ({ api, client }) => {
  api.put({ name: 'one', uid: 'u' });
  const foreign = await client.get(configMaps, ref);
  expect(() => Owned.of(configMaps, foreign)).toThrow(NotOwned);
  const own = await client.createOwned(configMaps, 'run1', { metadata: { name: 'own', namespace } });
  await expect(client.adopt(own, Belonging.byOwnerReference, configMaps, foreign)).rejects.toThrow(NotOwned);
  expect(api.requests.filter((request) => /^(PATCH|DELETE)/.test(request))).toEqual([]);
});

test('a child that names the uid of ours as its owner is adopted, and only then can be deleted', async ({
  api,
  client,
}) => {
  const own = await client.createOwned(configMaps, 'run1', manifest);
  api.put({ name: 'child', uid: 'c' });
  const child = await client.get(configMaps, { namespace, name: 'child' });
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'one', uid: own.uid };
  const claimed = { ...child, metadata: { ...child.metadata, ownerReferences: [reference] } };
  const adopted = await client.adopt(own, Belonging.byOwnerReference, configMaps, claimed);
  expect(await client.delete(adopted)).toBe('accepted');
  expect(api.objects().map(({ name }) => name)).toEqual(['one']);
});

test('deletion spares a namesake that has taken the place of our object', async ({ api, client }) => {
  const owned = await client.createOwned(configMaps, 'run1', manifest);
  api.remove('one');
  api.put({ name: 'one', uid: 'somebody else' });
  expect(await client.delete(owned)).toBe('absent');
  expect(api.objects()).toHaveLength(1);
});

test('deleting what is gone already is no error', async ({ api, client }) => {
  const owned = await client.createOwned(configMaps, 'run1', manifest);
  api.remove('one');
  expect(await client.delete(owned)).toBe('absent');
});

test('429 and 5xx are tried again, and each time is told', async ({ api, client, troubles }) => {
  api.put({ name: 'one', uid: 'u' });
  const answers = [429, 503];
  api.intercept(({ response }) => {
    const code = answers.shift();
    if (code === undefined) return 'pass';
    response
      .writeHead(code, code === 429 ? { 'retry-after': '0' } : {})
      .end(JSON.stringify(status(code, 'Later', 'busy')));
    return 'handled';
  });
  expect((await client.get(configMaps, ref)).metadata.uid).toBe('u');
  expect(troubles).toHaveLength(2);
});

test('a refusal is an answer: it is not repeated, and keeps the words of the server', async ({ api, client }) => {
  const words = 'admission webhook "validator.longhorn.io" denied the request: no other healthy replica available';
  api.intercept(({ response }) => {
    response.writeHead(422).end(JSON.stringify(status(422, 'Invalid', words)));
    return 'handled';
  });
  const refused = client.patch(configMaps, ref, { merge: { data: {} } });
  await expect(refused).rejects.toThrow(words);
  await expect(refused).rejects.toMatchObject({ statusCode: 422, reason: 'Invalid' });
  expect(api.requests).toHaveLength(1);
});

test('a creation whose answer was lost is recognised as ours when it is tried again', async ({ api, client }) => {
  api.intercept(({ method, response, body }) => {
    if (method !== 'POST') return 'pass';
    api.intercept(undefined);
    const { metadata } = JSON.parse(body) as {
      metadata: { labels: Record<string, string>; annotations: Record<string, string> };
    };
    api.put({ name: 'one', uid: 'made', ...metadata });
    response.destroy();
    return 'handled';
  });
  expect((await client.createOwned(configMaps, 'run1', manifest)).uid).toBe('made');
});

test('a name that somebody else has taken is a conflict, also after a lost answer', async ({ api, client }) => {
  api.put({ name: 'one', uid: 'theirs', labels: { [runIdLabel]: 'run1' } });
  let attempts = 0;
  api.intercept(({ method, response }) => {
    if (method !== 'POST' || attempts++ > 0) return 'pass';
    response.destroy();
    return 'handled';
  });
  await expect(client.createOwned(configMaps, 'run1', manifest)).rejects.toMatchObject({ reason: 'AlreadyExists' });
});

test('merge and JSON patches go out under their own content types', async ({ api, client }) => {
  api.put({ name: 'one', uid: 'u' });
  const types: (string | undefined)[] = [];
  api.intercept(({ response }) => {
    types.push(response.req.headers['content-type']);
    return 'pass';
  });
  await client.patch(configMaps, ref, { merge: { metadata: { labels: { a: 'b' } } } });
  await client.patch(configMaps, ref, { json: [] }).catch(() => undefined);
  expect(types).toEqual(['application/merge-patch+json', 'application/json-patch+json']);
});

test('an answer that never comes ends with the signal', async ({ api, client, abort }) => {
  api.intercept(() => 'handled');
  const asking = client.get(configMaps, ref);
  const outcome = expect(asking).rejects.toThrow('enough');
  await expect.poll(() => api.requests.length, { intervals: [10] }).toBe(1);
  abort.abort(new Error('enough'));
  await outcome;
});

test('an unknown context is refused with the ones there are, before anything is sent', ({ api, abort }) => {
  const connecting = (): unknown =>
    connect({ kubeconfigPath: api.kubeconfigPath, context: 'other', signal: abort.signal });
  expect(connecting).toThrow(KubeconfigError);
  expect(connecting).toThrow('has no context "other"; it has: fake');
});

test('an error body that is no Status is quoted', () => {
  const error = ApiError.fromBody({ request: 'GET /nope', statusCode: 404, body: '404 page not found\n' });
  expect(error.message).toContain('404 page not found');
});

test('resource versions are ordered as numbers, not as text', () => {
  expect(isNewer('1000', '999')).toBe(true);
  expect(isNewer('999', '1000')).toBe(false);
  expect(isNewer('7', '7')).toBe(false);
  expect(isNewer('18446744073709551616', '18446744073709551615')).toBe(true);
  expect(isNewer('opaque', '7')).toBe(true);
});
