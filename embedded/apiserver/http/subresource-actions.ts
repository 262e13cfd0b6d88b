import { badRequest } from '../errors.ts';
import { groupVersion } from '../resources/type.ts';
import { logOptions, serveLog } from '../streaming/logs.ts';
import { readObject } from './body.ts';
import type { HandlerContext } from './context.ts';
import { sendJson } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { bindPod, containerOf, evictPod, hostedContainer, isOnNode, podOf } from './pods.ts';
import type { ObjectRoute } from './route.ts';
import { checkTokenRequest, issueAccountToken, tokenAudiences, uidOf } from './service-account.ts';
import { proxyService } from './service-proxy.ts';

/** Subresources that are actions. Returns whether it answered. */
export async function serveAction(context: HandlerContext, exchange: Exchange, route: ObjectRoute): Promise<boolean> {
  const { store, backend } = context;
  const { name, namespace = '', subresource } = route;
  const target = { store, namespace, name };
  switch (subresource) {
    case 'log': {
      const options = logOptions(exchange.query, name);
      const pod = podOf(target);
      const container = containerOf(pod, exchange.query.get('container'));
      // Nothing runs yet that could have a log: kubernetes:pkg/registry/core/pod/strategy.go LogLocation@v1.36.
      if (!isOnNode(pod)) exchange.response.writeHead(204).end();
      else await serveLog(exchange, backend(), { namespace, pod: name, container, options });
      return true;
    }
    case 'exec':
    case 'attach':
      hostedContainer(target, exchange.query.get('container'));
      throw badRequest('Upgrade request required');
    case 'portforward':
      throw badRequest(`${subresource} is not supported by the embedded cluster`);
    case 'proxy':
      if (route.type.plural !== 'services')
        throw badRequest(`${route.type.plural}/proxy is not supported by the embedded cluster`);
      await proxyService(exchange, { store, namespace, id: name });
      return true;
    case 'eviction':
      await evictPod(exchange, target);
      return true;
    case 'binding':
      await bindPod(exchange, target);
      return true;
    case 'token':
      await issueToken(context, exchange, target);
      return true;
    default:
      return false;
  }
}

async function issueToken(
  context: HandlerContext,
  exchange: Exchange,
  account: { namespace: string; name: string },
): Promise<void> {
  const { body } = await readObject(exchange.request, { kind: 'TokenRequest' });
  checkTokenRequest(context.store, account, body);
  const token = issueAccountToken(context.access, { ...account, ...uidOf(context.store, account) });
  const { namespace, name } = account;
  const seconds: number = body.spec?.expirationSeconds ?? 3600;
  const expirationTimestamp = new Date(Date.parse(context.timestamp()) + seconds * 1000)
    .toISOString()
    .replace(/\.\d{3}Z$/, 'Z');
  sendJson(exchange, 201, {
    kind: 'TokenRequest',
    apiVersion: groupVersion({ group: 'authentication.k8s.io', version: 'v1' }),
    metadata: { name, namespace, creationTimestamp: context.timestamp() },
    spec: {
      audiences: tokenAudiences(body),
      expirationSeconds: seconds,
      boundObjectRef: body.spec?.boundObjectRef ?? null,
    },
    status: { token, expirationTimestamp },
  });
}
