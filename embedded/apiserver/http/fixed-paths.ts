/** Paths that are no resources: health, version, discovery, OpenAPI, and the index of them all. */
import { createHash } from 'node:crypto';
import { methodNotAllowed } from '../errors.ts';
import type { ResourceRegistry } from '../resources/registry.ts';
import { groupVersion } from '../resources/type.ts';
import {
  aggregatedContentType,
  aggregatedDiscovery,
  aggregatedVersion,
  groupList,
  legacyVersions,
  oneGroup,
  resourceList,
} from './discovery.ts';
import { sendJson } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { healthPaths, serveHealth } from './health.ts';
import { serveOpenApi } from './openapi.ts';
import type { Route } from './route.ts';
import { serverVersion } from './version.ts';

/** What `/` and nothing else lists; the list of a real server has some more, which are not served here. */
function indexOf(registry: ResourceRegistry): { paths: string[] } {
  const versions = [
    ...new Set(
      registry
        .all()
        .filter((type) => type.group !== '')
        .map(groupVersion),
    ),
  ];
  const groups = [...new Set(registry.all().map((type) => type.group))].filter((group) => group !== '');
  const paths = [
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    ...groups.map((group) => `/apis/${group}`),
    ...versions.map((version) => `/apis/${version}`),
    ...healthPaths,
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    '/version',
  ];
  return { paths: paths.sort() };
}

function discoveryRoot(exchange: Exchange, registry: ResourceRegistry, root: 'core' | 'groups', address: string): void {
  const { request, response } = exchange;
  const version = aggregatedVersion(request.headers.accept);
  if (version === undefined) {
    sendJson(exchange, 200, root === 'core' ? legacyVersions(address) : groupList(registry));
    return;
  }
  // Clients keep this document and ask whether it is still current (apiserver:pkg/endpoints/discovery/aggregated/etag.go).
  const document = JSON.stringify(aggregatedDiscovery(registry, root, version));
  const tag = `"${createHash('sha512').update(document).digest('hex').toUpperCase()}"`;
  response.setHeader('ETag', tag).setHeader('Vary', 'Accept').setHeader('Cache-Control', 'public');
  if (request.headers['if-none-match'] === tag) response.writeHead(304).end();
  else sendJson(exchange, 200, document, aggregatedContentType(version));
}

/** Answers what is outside of /api/v1 and /apis/<group>. Returns whether it did. */
export function serveFixedPath(exchange: Exchange, registry: ResourceRegistry, address: string): boolean {
  const { path } = exchange;
  const trimmed = path.length > 1 ? path.replace(/\/$/, '') : path;
  if ((trimmed === '/version' || trimmed === '/api') && exchange.request.method !== 'GET') throw methodNotAllowed();
  if (trimmed === '/version') sendJson(exchange, 200, serverVersion);
  else if (trimmed === '/' || trimmed === '/index.html') sendJson(exchange, 200, indexOf(registry));
  else if (trimmed.startsWith('/openapi/')) serveOpenApi(exchange, registry);
  else if (trimmed === '/api') discoveryRoot(exchange, registry, 'core', address);
  else if (trimmed === '/apis') discoveryRoot(exchange, registry, 'groups', address);
  else return serveHealth(exchange);
  return true;
}

/** The discovery document of one group or of one of its versions. */
export function serveDiscovery(
  exchange: Exchange,
  registry: ResourceRegistry,
  route: Extract<Route, { kind: 'group-versions' | 'resource-list' }>,
): void {
  if (route.kind === 'group-versions') sendJson(exchange, 200, oneGroup(registry, route.group));
  else sendJson(exchange, 200, resourceList(registry, route.group, route.version));
}
