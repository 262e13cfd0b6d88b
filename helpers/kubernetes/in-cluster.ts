/** The cluster that this process itself runs in, known by what Kubernetes gives to each pod. */
import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeconfigError } from './errors.ts';

const accountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InCluster {
  /** A kubeconfig that names the files of the service account; no token is in it, and a renewed one is found. */
  readonly kubeconfig: string;
  readonly context: string;
  /** The pod's own namespace. */
  readonly namespace: string | undefined;
}

/**
 * @param root a folder to look in as if it were `/`, for tests
 * @throws KubeconfigError outside of a pod, or in one without a service account's token
 */
export function inCluster(root = ''): InCluster {
  const missing = ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'].find(
    (name) => process.env[name] === undefined,
  );
  if (missing !== undefined)
    throw new KubeconfigError(`not in a pod: ${missing} is not set; use --context NAME instead`);
  for (const file of ['token', 'ca.crt']) {
    const path = `${root}${accountPath}/${file}`;
    if (existsSync(path)) continue;
    throw new KubeconfigError(`${path} is not there: the pod needs a service account and automountServiceAccountToken`);
  }
  const config = new KubeConfig();
  config.loadFromCluster(root);
  const context = config.getCurrentContext();
  const namespace = config.getContextObject(context)?.namespace?.trim();
  return { kubeconfig: config.exportConfig(), context, namespace };
}
