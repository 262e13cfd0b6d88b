import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { BackingImageDataSource } from '../model/backing-image.ts';

export type SourceStatus = NonNullable<BackingImageDataSource['status']>;

export function setSourceStatus(cluster: LonghornCluster, name: string, change: Partial<SourceStatus>): void {
  cluster.dataSources.changeStatus(name, (draft) => {
    if (draft.status !== undefined) draft.status = { ...draft.status, ...change };
  });
}
