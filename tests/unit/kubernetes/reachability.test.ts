import { watchReachability } from '../../../helpers/kubernetes/reachability.ts';
import { expect, test } from './test.ts';

test('an API that nobody serves any more is lost, with what was seen', async ({ api, client }) => {
  const { lost, stop } = watchReachability(client, { lostAfterMs: 1_500 });
  await api.close();
  await expect.poll(() => lost.aborted, { timeout: 20_000 }).toBe(true);
  expect((lost.reason as Error).message).toMatch(/the API has not answered for \d+ s \(GET \/version: .*ECONNREFUSED/);
  stop();
});

test('an API that refuses is there', async ({ api, client }) => {
  api.intercept(({ response }) => {
    response.writeHead(503).end('not now');
    return 'handled';
  });
  const { lost, stop } = watchReachability(client, { lostAfterMs: 500 });
  await expect.poll(() => api.requests.length, { timeout: 20_000 }).toBeGreaterThan(2);
  expect(lost.aborted).toBe(false);
  stop();
});
