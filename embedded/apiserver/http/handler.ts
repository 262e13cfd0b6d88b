/** From a request to its answer: faults, caller, route, permission, verb. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PodBackend } from '../../runtime/contract.ts';
import { badRequest } from '../errors.ts';
import { faultStatus } from '../faults.ts';
import type { PendingFaults } from '../faults.ts';
import type { ObjectStore } from '../object-store.ts';
import { groupVersion } from '../resources/type.ts';
import { logOptions, serveLog } from '../streaming/logs.ts';
import type { AccessControl } from './access.ts';
import { readObject } from './body.ts';
import { checkKind } from './decode.ts';
import { flag, sendError, sendJson, sendPageNotFound, sendText } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { validateFields } from './field-validation.ts';
import { serveDiscovery, serveFixedPath } from './fixed-paths.ts';
import { selectionOf } from './list.ts';
import { checkListOptions } from './list-options.ts';
import { bindPod, containerOf, evictPod, hostedContainer, isOnNode, podOf } from './pods.ts';
import { impersonated } from './impersonation.ts';
import { patchObject } from './patch.ts';
import { negotiate } from './negotiate.ts';
import { createFromBody, deleteCollection, deleteObject, getList, getObject, replaceFromBody } from './rest.ts';
import { answerReview } from './reviews.ts';
import { requestedAccess } from './request-info.ts';
import { resolveRoute, verbOf } from './route.ts';
import type { Route } from './route.ts';
import { checkTokenRequest, issueAccountToken, tokenAudiences, uidOf } from './service-account.ts';
import { proxyService } from './service-proxy.ts';
import { warnOfDeprecation } from './warnings.ts';
import { writeParameters } from './write-parameters.ts';
import type { JsonObject } from '../validation/schema.ts';
import { serveWatch } from './watch.ts';
import type { WatchConnections } from './watch.ts';

export interface HandlerContext {
  readonly store: ObjectStore;
  readonly access: AccessControl;
  readonly faults: PendingFaults;
  readonly watches: WatchConnections;
  readonly backend: () => PodBackend;
  readonly timestamp: () => string;
  /** `host:port` that the server is reached at. */
  readonly address: () => string;
}

/** Answers one request; never rejects. */
export async function handleRequest(context: HandlerContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://cluster');
  const bare = { response };
  if (!isEscapedWell(url.pathname)) {
    response.setHeader('Connection', 'close');
    sendText(bare, 400, '400 Bad Request', 'text/plain; charset=utf-8');
    return;
  }
  response.setHeader('Audit-Id', request.headers['audit-id'] ?? randomUUID()).setHeader('Cache-Control', 'no-cache, private');
  try {
    await applyFaults(context, request);
    const caller = impersonated(context.access, context.access.authenticate(request), request);
    const exchange: Exchange = { request, response, path: url.pathname, query: url.searchParams, caller };
    await serve(context, exchange);
  } catch (error) {
    sendError(bare, error);
  }
}

function isEscapedWell(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

async function applyFaults(context: HandlerContext, request: IncomingMessage): Promise<void> {
  const delay = context.faults.take('delay', request);
  if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay.delayMs));
  const answer = context.faults.take('answer', request);
  if (answer !== undefined) throw faultStatus(answer);
}

async function serve(context: HandlerContext, exchange: Exchange): Promise<void> {
  const { store, access } = context;
  const { path, request, caller } = exchange;
  const method = request.method ?? 'GET';
  const question = requestedAccess(method, path, exchange.query);
  // Refusals of the authorizer carry it, answers of those it lets through do not.
  exchange.response.setHeader('X-Content-Type-Options', 'nosniff');
  if (question === undefined) access.demandPath(caller, method, path);
  else access.demand(caller, question);
  exchange.response.removeHeader('X-Content-Type-Options');
  const route = resolveRoute(store.registry, path, method);
  if (route.kind === 'collection' || route.kind === 'object') {
    const verb = verbOf(method, route, flag(exchange.query, 'watch'));
    warnOfDeprecation(exchange, route.type);
    await serveVerb(context, exchange, route, verb);
    return;
  }
  if (route.kind !== 'nothing') serveDiscovery(exchange, store.registry, route);
  else if (!serveFixedPath(exchange, store.registry, context.address())) sendPageNotFound(exchange);
}

type ResourceRoute = Extract<Route, { kind: 'collection' | 'object' }>;

/** The query with the name that the path of a watch may carry as a selector. */
function queryOf(exchange: Exchange, route: Extract<ResourceRoute, { kind: 'collection' }>): URLSearchParams {
  const name = route.watched?.name;
  if (name === undefined) return exchange.query;
  const query = new URLSearchParams(exchange.query);
  query.set('fieldSelector', `metadata.name=${name}`);
  return query;
}

async function serveVerb(context: HandlerContext, exchange: Exchange, route: ResourceRoute, verb: string): Promise<void> {
  const { store, watches, timestamp } = context;
  const { type, namespace } = route;
  if (route.kind === 'object') {
    await serveObject(context, exchange, route, verb);
    return;
  }
  const target = { store, type, namespace, timestamp };
  switch (verb) {
    case 'watch': {
      const format = negotiate(exchange, type, 'watch');
      checkListOptions(exchange.query);
      serveWatch({ exchange, store, type, selection: selectionOf(type, namespace, queryOf(exchange, route)), format, connections: watches });
      return;
    }
    case 'create':
      if (type.verbs.length > 1) await createFromBody(exchange, target);
      else if (type.kind === 'Binding') await bindPod(exchange, { store, namespace: namespace ?? '', name: undefined });
      else await serveReview(context, exchange, route);
      return;
    case 'deletecollection':
      await deleteCollection(exchange, target);
      return;
    default:
      getList(exchange, target);
  }
}

async function serveReview({ access, store }: HandlerContext, exchange: Exchange, route: ResourceRoute): Promise<void> {
  const { type, namespace } = route;
  const { body, text } = await readObject(exchange.request, type);
  checkKind(store.registry, type, body, text);
  const mode = writeParameters(exchange, 'CreateOptions').fieldValidation;
  validateFields(exchange, type, body as JsonObject, { text, mode });
  const answer = answerReview({ type, body: { apiVersion: groupVersion(type), ...body }, caller: exchange.caller, access, namespace });
  if (answer === undefined) throw badRequest(`creating a ${type.kind} is not supported by this server`);
  sendJson(exchange, 201, answer);
}

type ObjectRoute = Extract<Route, { kind: 'object' }>;

async function serveObject(context: HandlerContext, exchange: Exchange, route: ObjectRoute, verb: string): Promise<void> {
  const { store, timestamp } = context;
  const { type, namespace, name, subresource } = route;
  const target = { store, type, namespace, name, subresource, timestamp };
  if (subresource !== undefined && (await serveSpecial(context, exchange, route))) return;
  switch (verb) {
    case 'create':
      await createFromBody(exchange, target);
      return;
    case 'update':
      await replaceFromBody(exchange, target);
      return;
    case 'patch':
      await patchObject(exchange, target);
      return;
    case 'delete':
      await deleteObject(exchange, target);
      return;
    default:
      getObject(exchange, target);
  }
}

/** Subresources that are actions. Returns whether it answered. */
async function serveSpecial(context: HandlerContext, exchange: Exchange, route: ObjectRoute): Promise<boolean> {
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
      if (route.type.plural !== 'services') throw badRequest(`${route.type.plural}/proxy is not supported by the embedded cluster`);
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

async function issueToken(context: HandlerContext, exchange: Exchange, account: { namespace: string; name: string }): Promise<void> {
  const { body } = await readObject(exchange.request, { kind: 'TokenRequest' });
  checkTokenRequest(context.store, account, body);
  const token = issueAccountToken(context.access, { ...account, ...uidOf(context.store, account) });
  const { namespace, name } = account;
  const seconds: number = body.spec?.expirationSeconds ?? 3600;
  const expirationTimestamp = new Date(Date.parse(context.timestamp()) + seconds * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z');
  sendJson(exchange, 201, {
    kind: 'TokenRequest', apiVersion: groupVersion({ group: 'authentication.k8s.io', version: 'v1' }),
    metadata: { name, namespace, creationTimestamp: context.timestamp() },
    spec: { audiences: tokenAudiences(body), expirationSeconds: seconds, boundObjectRef: body.spec?.boundObjectRef ?? null }, status: { token, expirationTimestamp },
  });
}
