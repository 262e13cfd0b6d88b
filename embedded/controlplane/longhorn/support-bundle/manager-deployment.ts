import type { KubeObject } from '../../../apiserver/store.ts';
import { ownerReference, type LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { longhornNamespace } from '../cluster/names.ts';
import type { SupportBundle } from '../model/support-bundle.ts';

export const supportBundleAccount = 'longhorn-support-bundle';
const app = 'support-bundle-manager';
const port = 8080;

/** Source: longhorn-manager:controller/support_bundle_controller.go GetSupportBundleManagerName@v1.11.3. */
export function managerName(bundle: SupportBundle): string {
  return `longhorn-support-bundle-manager-${bundle.metadata.name}`;
}

function labelsOf(bundle: SupportBundle): Record<string, string> {
  return { app, 'rancher/supportbundle': bundle.metadata.name };
}

/** The deployment that collects; made once. Source: as above, newSupportBundleManager. */
export function ensureManager(cluster: LonghornCluster, bundle: SupportBundle): void {
  const name = managerName(bundle);
  if (cluster.store.get({ resource: 'deployments.apps', namespace: longhornNamespace, name }) !== undefined) return;
  const labels = labelsOf(bundle);
  const env = Object.entries({
    SUPPORT_BUNDLE_TARGET_NAMESPACES: longhornNamespace,
    SUPPORT_BUNDLE_NAME: bundle.metadata.name,
    SUPPORT_BUNDLE_ISSUE_URL: bundle.spec.issueURL ?? '',
    SUPPORT_BUNDLE_DESCRIPTION: bundle.spec.description,
    SUPPORT_BUNDLE_DEBUG: 'true',
    SUPPORT_BUNDLE_IMAGE: bundle.status?.image ?? '',
    SUPPORT_BUNDLE_IMAGE_PULL_POLICY: 'IfNotPresent',
    SUPPORT_BUNDLE_COLLECTOR: 'longhorn',
    SUPPORT_BUNDLE_NODE_TIMEOUT: `${String(cluster.settings.number('support-bundle-node-collection-timeout'))}m`,
  }).map(([variable, value]) => ({ name: variable, value }));
  const container = {
    name: 'manager',
    image: bundle.status?.image ?? '',
    args: ['/usr/bin/support-bundle-kit', 'manager'],
    imagePullPolicy: 'IfNotPresent',
    env,
    ports: [{ containerPort: port }],
  };
  cluster.store.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: longhornNamespace, labels, ownerReferences: [ownerReference(bundle)] },
    spec: {
      selector: { matchLabels: { app } },
      template: { metadata: { labels }, spec: { serviceAccountName: supportBundleAccount, containers: [container] } },
    },
  });
}

/** The address of its pod, once that runs. */
export function managerAddress(cluster: LonghornCluster, bundle: SupportBundle): string | undefined {
  const pods: readonly KubeObject[] = cluster.store.list('pods', {
    namespace: longhornNamespace,
    labels: labelsOf(bundle),
  });
  const statuses = pods.map(({ status }) => status as { phase?: string; podIP?: string } | undefined);
  return statuses.find((status) => status?.phase === 'Running')?.podIP;
}

export function bundleUrl(address: string): string {
  return `http://${address}:${String(port)}/bundle`;
}

export function deleteManager(cluster: LonghornCluster, bundle: SupportBundle): void {
  const ref = { resource: 'deployments.apps', namespace: longhornNamespace, name: managerName(bundle) };
  if (cluster.store.get(ref) !== undefined) cluster.store.delete(ref);
}
