/** From a request to its answer: faults, caller, route, permission, verb. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PodBackend } from '../../runtime/contract.ts';
import { badRequest } from '../errors.ts';
import { faultStatus } from '../faults.ts';
import type { PendingFaults } from '../faults.ts';
import type { ObjectStore } from '../object-store.ts';
import { groupVersion } from '../resources/type.ts';
import { serveLog } from '../streaming/logs.ts';
import type { AccessControl } from './access.ts';
import { readObject } from './body.ts';
import { aggregatedContentType, aggregatedDiscovery, aggregatedVersion, groupList, legacyVersions, oneGroup, resourceList } from './discovery.ts';
import { flag, sendError, sendJson, sendPageNotFound, sendText } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { selectionOf } from './list.ts';
import { checkListOptions } from './list-options.ts';
import { serveOpenApi } from './openapi.ts';
import { bindPod, containerOf, demandHost, evictPod, podOf } from './pods.ts';
import { patchObject } from './patch.ts';
import { negotiate } from './represent.ts';
import { createFromBody, deleteCollection, deleteObject, getList, getObject, replaceFromBody } from './rest.ts';
import { answerReview } from './reviews.ts';
import { resolveRoute, verbOf } from './route.ts';
import type { Route } from './route.ts';
import { issueAccountToken } from './service-account.ts';
import { serverVersion } from './version.ts';
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

const healthPaths = new Set(['/healthz', '/livez', '/readyz']);

/** Answers one request; never rejects. */
export async function handleRequest(context: HandlerContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://cluster');
  response.setHeader('Cache-Control', 'no-cache, private');
  const bare = { response };
  try {
    await applyFaults(context, request);
    const caller = context.access.authenticate(request);
    const exchange: Exchange = { request, response, path: url.pathname, query: url.searchParams, caller };
    if (!serveFixedPath(context, exchange)) await serveResource(context, exchange);
  } catch (error) {
    sendError(bare, error);
  }
}

async function applyFaults(context: HandlerContext, request: IncomingMessage): Promise<void> {
  const delay = context.faults.take('delay', request);
  if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay.delayMs));
  const answer = context.faults.take('answer', request);
  if (answer !== undefined) throw faultStatus(answer);
}

/** Paths that are no resources. Returns whether it answered. */
function serveFixedPath(context: HandlerContext, exchange: Exchange): boolean {
  const { path, request } = exchange;
  const { registry } = context.store;
  const trimmed = path.length > 1 ? path.replace(/\/$/, '') : path;
  if (healthPaths.has(trimmed) || /^\/(livez|readyz|healthz)\//.test(trimmed)) {
    sendText(exchange, 200, 'ok', 'text/plain; charset=utf-8');
  } else if (trimmed === '/version') sendJson(exchange, 200, serverVersion);
  else if (trimmed === '/') sendJson(exchange, 200, { paths: ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'] });
  else if (trimmed.startsWith('/openapi/')) serveOpenApi(exchange, registry);
  else if (trimmed === '/api' || trimmed === '/apis') {
    const version = aggregatedVersion(request.headers.accept);
    const root = trimmed === '/api' ? 'core' : 'groups';
    if (version !== undefined) sendJson(exchange, 200, aggregatedDiscovery(registry, root, version), aggregatedContentType(version));
    else sendJson(exchange, 200, root === 'core' ? legacyVersions(context.address()) : groupList(registry));
  } else return false;
  return true;
}

async function serveResource(context: HandlerContext, exchange: Exchange): Promise<void> {
  const { store, access } = context;
  const route = resolveRoute(store.registry, exchange.path);
  if (route.kind === 'nothing') sendPageNotFound(exchange);
  else if (route.kind === 'group-versions') sendJson(exchange, 200, oneGroup(store.registry, route.group));
  else if (route.kind === 'resource-list') sendJson(exchange, 200, resourceList(store.registry, route.group, route.version));
  else {
    const verb = verbOf(exchange.request.method ?? 'GET', route, flag(exchange.query, 'watch'));
    access.demand(exchange.caller, questionOf(route, verb));
    await serveVerb(context, exchange, route, verb);
  }
}

type ResourceRoute = Extract<Route, { kind: 'collection' | 'object' }>;

/** What authorization is asked about a request. */
export function questionOf(route: ResourceRoute, verb: string): Parameters<AccessControl['demand']>[1] {
  const { type, namespace } = route;
  return {
    verb,
    group: type.group,
    resource: type.plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(route.kind === 'object' ? { name: route.name } : {}),
    ...(route.kind === 'object' && route.subresource !== undefined ? { subresource: route.subresource } : {}),
  };
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
      const format = negotiate(exchange.request.headers.accept, type);
      checkListOptions(exchange.query);
      serveWatch({ exchange, store, type, selection: selectionOf(type, namespace, exchange.query), format, connections: watches });
      return;
    }
    case 'create':
      if (type.verbs.length > 1) await createFromBody(exchange, target);
      else await serveReview(context, exchange, type.kind);
      return;
    case 'deletecollection':
      await deleteCollection(exchange, target);
      return;
    default:
      getList(exchange, target);
  }
}

async function serveReview(context: HandlerContext, exchange: Exchange, kind: string): Promise<void> {
  const { body } = await readObject(exchange.request, { kind });
  const answer = answerReview(kind, body, exchange.caller, context.access);
  if (answer === undefined) throw badRequest(`creating a ${kind} is not supported by this server`);
  sendJson(exchange, 201, answer);
}

type ObjectRoute = Extract<Route, { kind: 'object' }>;

async function serveObject(context: HandlerContext, exchange: Exchange, route: ObjectRoute, verb: string): Promise<void> {
  const { store, timestamp } = context;
  const { type, namespace, name, subresource } = route;
  const target = { store, type, namespace, name, subresource, timestamp };
  if (subresource !== undefined && (await serveSpecial(context, exchange, route))) return;
  switch (verb) {
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
      const pod = podOf(target);
      const container = containerOf(pod, exchange.query.get('container'));
      demandHost(pod);
      await serveLog(exchange, backend(), { namespace, pod: name, container });
      return true;
    }
    case 'exec':
      podOf(target);
      throw badRequest('Upgrade request required');
    case 'attach':
    case 'portforward':
    case 'proxy':
      throw badRequest(`${subresource} is not supported by the embedded cluster`);
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
  const token = issueAccountToken(context.access, account);
  const { namespace, name } = account;
  const seconds: number = body.spec?.expirationSeconds ?? 3600;
  const expirationTimestamp = new Date(Date.parse(context.timestamp()) + seconds * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z');
  sendJson(exchange, 201, {
    kind: 'TokenRequest', apiVersion: groupVersion({ group: 'authentication.k8s.io', version: 'v1' }),
    metadata: { name, namespace }, spec: { ...body.spec, expirationSeconds: seconds }, status: { token, expirationTimestamp },
  });
}
