/** The cluster that this process itself runs in, known by what Kubernetes gives to each pod. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeconfigError } from './errors.ts';
import { inClusterName } from './reach.ts';
import { accountDirectory, accountDirectoryVariable } from './service-account.ts';

export interface InCluster {
  /** A kubeconfig that names the files of the service account; no token is in it, and a renewed one is found. */
  readonly kubeconfig: string;
  readonly context: string;
  /** The pod's own namespace. */
  readonly namespace: string | undefined;
}

/** @throws KubeconfigError outside of a pod, or in one without a service account's token */
export function inCluster(environment: Readonly<NodeJS.ProcessEnv> = process.env): InCluster {
  const variable = (name: string): string => {
    const value = environment[name];
    if (value === undefined) throw new KubeconfigError(`not in a pod: ${name} is not set; use --context NAME instead`);
    return value;
  };
  const host = variable('KUBERNETES_SERVICE_HOST');
  const port = variable('KUBERNETES_SERVICE_PORT');
  const directory = environment[accountDirectoryVariable] ?? accountDirectory;
  const file = (name: string): string => join(directory, name);
  const missing = ['token', 'ca.crt'].find((name) => !existsSync(file(name)));
  if (missing !== undefined) {
    throw new KubeconfigError(
      `${file(missing)} is not there: the pod needs a service account and automountServiceAccountToken`,
    );
  }
  const name = inClusterName;
  const namespace = existsSync(file('namespace')) ? readFileSync(file('namespace'), 'utf8').trim() : undefined;
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name, server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, caFile: file('ca.crt') }],
    users: [{ name, authProvider: { name: 'tokenFile', config: { tokenFile: file('token') } } }],
    contexts: [{ name, cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) }],
    currentContext: name,
  });
  return { kubeconfig: config.exportConfig(), context: name, namespace };
}
