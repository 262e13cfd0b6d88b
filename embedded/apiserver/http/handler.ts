/** From a request to its answer: faults, caller, route, permission, verb. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { faultStatus } from '../faults.ts';
import type { HandlerContext } from './context.ts';
import { flag, sendError, sendPageNotFound, sendText } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { serveDiscovery, serveFixedPath } from './fixed-paths.ts';
import { impersonated } from './impersonation.ts';
import { requestedAccess } from './request-info.ts';
import { checkTimeout } from './request-timeout.ts';
import { resolveRoute, verbOf } from './route.ts';
import { serveVerb } from './verbs.ts';
import { warnOfDeprecation } from './warnings.ts';

/** Answers one request; never rejects. */
export async function handleRequest(
  context: HandlerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://cluster');
  const bare = { response };
  if (!isEscapedWell(url.pathname)) {
    response.setHeader('Connection', 'close');
    sendText(bare, 400, '400 Bad Request', 'text/plain; charset=utf-8');
    return;
  }
  response
    .setHeader('Audit-Id', request.headers['audit-id'] ?? randomUUID())
    .setHeader('Cache-Control', 'no-cache, private');
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
  checkTimeout(exchange);
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
