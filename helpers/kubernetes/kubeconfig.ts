/**
 * Credentials and address of a cluster, read by @kubernetes/client-node, which knows every way to authenticate
 * (certificates, tokens, exec plugins, OIDC, proxies). Of that library only `KubeConfig` is used: its surface is the
 * same in 1.x and 2.x, while its calls have no time-outs, its watches lose errors and its exec loses exit codes.
 */
import { Agent, type RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeconfigError } from './errors.ts';

export interface Endpoint {
  readonly server: URL;
  /** Fresh options for a request: TLS material, authorization header, agent. Tokens are renewed as they expire. */
  readonly requestOptions: () => Promise<RequestOptions>;
}

/** Names of the contexts in a kubeconfig. @throws KubeconfigError when the file cannot be read */
export function contextsOf(kubeconfigPath: string): readonly string[] {
  return readKubeconfig(kubeconfigPath)
    .getContexts()
    .map((context) => context.name);
}

function readKubeconfig(path: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(path);
    return config;
  } catch (cause) {
    const detail = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new KubeconfigError(`cannot read kubeconfig ${path}: ${detail}`, { cause });
  }
}

/**
 * Reads a kubeconfig and picks a context. Nothing is sent to the cluster yet.
 * @throws KubeconfigError when the file, the context, its cluster or its user is missing or malformed
 */
export function loadEndpoint(options: { kubeconfigPath: string; context: string }): Endpoint {
  const config = readKubeconfig(options.kubeconfigPath);
  if (config.getContextObject(options.context) === null) {
    const known = config.getContexts().map((context) => context.name);
    throw new KubeconfigError(
      `kubeconfig ${options.kubeconfigPath} has no context "${options.context}"; it has: ${known.join(', ') || 'none'}`,
    );
  }
  config.setCurrentContext(options.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null || !URL.canParse(cluster.server)) {
    throw new KubeconfigError(`context "${options.context}" names no cluster with a valid server address`);
  }
  return { server: new URL(cluster.server), requestOptions: cachedOptions(config) };
}

/** Long enough to spare an exec plugin per request, short enough for tokens that live for minutes. */
const optionsLifetimeMs = 30_000;

function cachedOptions(config: KubeConfig): () => Promise<RequestOptions> {
  let cached: { options: Promise<RequestOptions>; untilMs: number } | undefined;
  return async () => {
    if (cached === undefined || cached.untilMs < Date.now()) {
      const options = optionsOf(config);
      cached = { options, untilMs: Date.now() + optionsLifetimeMs };
      options.catch(() => {
        cached = undefined;
      });
    }
    return cached.options;
  };
}

async function optionsOf(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  // Without a proxy the agent is a plain one, made per call: reuse of connections would be lost.
  if (options.agent instanceof Agent && options.agent.constructor === Agent) {
    options.agent = new Agent({ ...options.agent.options, keepAlive: true });
  }
  return options;
}
