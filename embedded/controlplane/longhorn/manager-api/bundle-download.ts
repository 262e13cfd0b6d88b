import type { ServerResponse } from 'node:http';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { ManagerError, notThere } from './manager-error.ts';

/**
 * Hands out a support bundle, which is deleted then. Source: longhorn-manager:api/supportbundle.go
 * SupportBundleDownload@v1.8.0..v1.11.3.
 */
export function sendBundle(cluster: LonghornCluster, name: string, response: ServerResponse): void {
  const bundle = cluster.supportBundles.get(name);
  if (bundle === undefined) throw notThere('supportbundle', name);
  if ((bundle.status?.managerIP ?? '') === '') throw new ManagerError('failed to get SupportBundle IP');
  const file = cluster.bundleFiles.get(name);
  if (bundle.status?.state !== 'ReadyForDownload' || file === undefined)
    throw new ManagerError('support bundle not ready');
  response.writeHead(200, {
    'Content-Disposition': `attachment; filename=${file.name}`,
    'Content-Type': 'application/zip',
    'Content-Length': file.content.length,
  });
  response.end(file.content, () => cluster.supportBundles.delete(name));
}
