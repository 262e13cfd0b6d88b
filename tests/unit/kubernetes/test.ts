import { test as base } from '@playwright/test';
import { connect, type ClientHooks, type KubeClient } from '../../../helpers/kubernetes/client.ts';
import { startFakeApiServer, type FakeApiServer } from './fake-api-server.ts';

export { expect } from '@playwright/test';

interface Fixtures {
  readonly api: FakeApiServer;
  readonly abort: AbortController;
  readonly troubles: string[];
  readonly hooks: ClientHooks;
  readonly client: KubeClient;
}

/** A fake API server and a client that talks to it. */
export const test = base.extend<Fixtures>({
  api: async ({}, use, testInfo) => {
    const api = await startFakeApiServer((name) => testInfo.outputPath(name));
    await use(api);
    await api.close();
  },
  abort: async ({}, use) => {
    const abort = new AbortController();
    await use(abort);
    abort.abort(new Error('the test has ended'));
  },
  troubles: async ({}, use) => {
    await use([]);
  },
  hooks: async ({ troubles }, use) => {
    await use({ onTrouble: (what, message) => troubles.push(`${what}: ${message}`) });
  },
  client: async ({ api, abort, hooks }, use) => {
    await use(connect({ kubeconfigPath: api.kubeconfigPath, context: 'fake', signal: abort.signal, hooks }));
  },
});

export const namespace = 'test';

/**
 * Answers so many requests as an API server does for a definition of a moment ago: 404, and no Status object. The answer
 * tells how many it has refused.
 */
export function notServedFor(api: FakeApiServer, requests: number): () => number {
  let refused = 0;
  api.intercept(({ response }) => {
    if (refused === requests) return 'pass';
    refused += 1;
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    return 'handled';
  });
  return () => refused;
}
