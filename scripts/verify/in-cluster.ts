import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeconfigError } from '../../helpers/kubernetes/errors.ts';
import { inCluster } from '../../helpers/kubernetes/in-cluster.ts';
import { UsageError } from '../command-line/usage-error.ts';

/**
 * Makes the service account of this pod known as a kubeconfig file, which is removed when the process ends. It names the
 * account's files and holds no credentials.
 * @throws UsageError outside of a pod
 */
export function inClusterContext(): { context: string; kubeconfigPath: string; namespace: string | undefined } {
  try {
    const { kubeconfig, context, namespace } = inCluster();
    const directory = mkdtempSync(join(tmpdir(), 'v2-verifier-'));
    process.once('exit', () => {
      rmSync(directory, { recursive: true, force: true });
    });
    const kubeconfigPath = join(directory, 'kubeconfig');
    writeFileSync(kubeconfigPath, kubeconfig, { mode: 0o600 });
    return { context, kubeconfigPath, namespace };
  } catch (error) {
    if (error instanceof KubeconfigError) throw new UsageError(`--in-cluster: ${error.message}`, { cause: error });
    throw error;
  }
}
