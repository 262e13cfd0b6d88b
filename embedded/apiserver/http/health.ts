/** /healthz, /livez and /readyz (apiserver:pkg/server/healthz/healthz.go@v0.36.2). */
import { sendPageNotFound, sendText } from './exchange.ts';
import type { Exchange } from './exchange.ts';

const plainText = 'text/plain; charset=utf-8';

const hooks = (...names: readonly string[]): string[] => names.map((name) => `poststarthook/${name}`);

/**
 * What a kube-apiserver checks, in its order. The names of the start hooks are those of the sources
 * (apiserver:pkg/server/config.go@v0.36.2 and kubernetes:pkg/controlplane); nothing stands behind them here.
 */
const started = [
  ...hooks(
    'start-apiserver-admission-initializer',
    'generic-apiserver-start-informers',
    'priority-and-fairness-config-consumer',
    'priority-and-fairness-filter',
    'storage-object-count-tracker-hook',
    'start-apiextensions-informers',
    'start-apiextensions-controllers',
    'crd-informer-synced',
    'start-system-namespaces-controller',
    'start-cluster-authentication-info-controller',
    'start-kube-apiserver-identity-lease-controller',
    'start-kube-apiserver-identity-lease-garbage-collector',
    'start-legacy-token-tracking-controller',
    'start-service-ip-repair-controllers',
    'rbac/bootstrap-roles',
    'scheduling/bootstrap-system-priority-classes',
    'priority-and-fairness-config-producer',
    'bootstrap-controller',
    'start-kubernetes-service-cidr-controller',
    'aggregator-reload-proxy-client-cert',
    'start-kube-aggregator-informers',
    'apiservice-status-local-available-controller',
    'apiservice-status-remote-available-controller',
    'apiservice-registration-controller',
    'apiservice-discovery-controller',
    'kube-apiserver-autoregistration',
  ),
  'autoregister-completion',
  ...hooks('apiservice-openapi-controller', 'apiservice-openapiv3-controller'),
];

const checks: Readonly<Record<string, readonly string[]>> = {
  healthz: ['ping', 'log', 'etcd', ...started],
  livez: ['ping', 'log', 'etcd', ...started],
  readyz: ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...started, 'shutdown'],
};

/** The paths that `/` lists. */
export const healthPaths: readonly string[] = Object.entries(checks).flatMap(([root, names]) => [
  `/${root}`,
  ...names.map((name) => `/${root}/${name}`),
]);

/** Answers a path under one of the three; every check passes. Returns whether it is such a path. */
export function serveHealth(exchange: Exchange): boolean {
  const [, root = '', rest = ''] = /^\/([^/]+)(?:\/(.*))?$/.exec(exchange.path) ?? [];
  const names = checks[root];
  if (names === undefined) return false;
  exchange.response.setHeader('X-Content-Type-Options', 'nosniff');
  if (rest !== '') {
    if (names.includes(rest)) sendText(exchange, 200, 'ok', plainText);
    else sendPageNotFound(exchange);
  } else
    sendText(
      exchange,
      200,
      exchange.query.has('verbose') ? reportOf(root, names, exchange.query.getAll('exclude')) : 'ok',
      plainText,
    );
  return true;
}

function reportOf(root: string, names: readonly string[], excluded: readonly string[]): string {
  const lines = names.map((name) => `[+]${name} ${excluded.includes(name) ? 'excluded: ' : ''}ok`);
  const unknown = [...new Set(excluded)].filter((name) => !names.includes(name)).sort();
  if (unknown.length > 0) {
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(',')}`,
    );
  }
  return `${lines.join('\n')}\n${root} check passed\n`;
}
