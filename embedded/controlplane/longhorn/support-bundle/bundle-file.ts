import { stringify } from 'yaml';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { longhornNamespace } from '../cluster/names.ts';
import type { SupportBundle } from '../model/support-bundle.ts';
import { longhornApiVersion } from '../resources/custom-resources.ts';
import { zip } from './zip.ts';

export interface BundleFile {
  readonly name: string;
  readonly content: Buffer;
}

/**
 * What the manager pod packs: its own metadata and every object of Longhorn's, in the folders of the original. Logs of
 * pods and bundles of nodes, which the original has too, are not in it. Source:
 * rancher/support-bundle-kit:pkg/manager/cluster.go, collectors/default.go.
 */
export function bundleFile(cluster: LonghornCluster, bundle: SupportBundle): BundleFile {
  const createdAt = cluster.clock.timestamp();
  const uid = cluster.store.get({ resource: 'namespaces', name: longhornNamespace })?.metadata.uid ?? '';
  const root = `supportbundle_${uid}_${createdAt.replaceAll(':', '-')}`;
  const metadata = {
    bundleName: bundle.metadata.name,
    projectNamespaceUUID: uid,
    bundleCreatedAt: createdAt,
    issueURL: bundle.spec.issueURL ?? '',
    issueDescription: bundle.spec.description,
  };
  const tables = [
    ...[cluster.volumes, cluster.engines, cluster.replicas, cluster.attachments, cluster.snapshots],
    ...[cluster.backingImages, cluster.dataSources, cluster.fileManagers, cluster.nodes, cluster.instanceManagers],
    ...[cluster.orphans, cluster.settingObjects],
  ];
  const yamls = tables.map((table) => {
    const plural = table.resource.split('.')[0] ?? '';
    const list = { apiVersion: 'v1', kind: 'List', items: table.list() };
    return {
      path: `${root}/yamls/namespaced/${longhornNamespace}/${longhornApiVersion}/${plural}.yaml`,
      content: stringify(list),
    };
  });
  return {
    name: `${root}.zip`,
    content: zip([{ path: `${root}/metadata.yaml`, content: stringify(metadata) }, ...yamls]),
  };
}
