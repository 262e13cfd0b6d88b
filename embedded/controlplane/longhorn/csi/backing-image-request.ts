import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { BackingImage } from '../model/backing-image.ts';
import { list } from './volume-options.ts';
import type { StorageParameters } from './volume-options.ts';

/**
 * Makes sure that the StorageClass's backing image exists and is the one it describes.
 * Source: longhorn-manager:csi/controller_server.go checkAndPrepareBackingImage@v1.11.3, longhorn-facts §3.5.
 */
export function prepareBackingImage(cluster: LonghornCluster, volumeName: string, parameters: StorageParameters): void {
  const name = parameters['backingImage'] ?? '';
  if (name === '') return;
  const image = cluster.backingImages.get(name);
  if (image === undefined) createImage(cluster, volumeName, name, parameters);
  else requireSame(image, parameters);
}

function createImage(cluster: LonghornCluster, volumeName: string, name: string, parameters: StorageParameters): void {
  const sourceType = parameters['backingImageDataSourceType'] ?? '';
  const source = sourceParametersOf(parameters);
  const missing = sourceType === 'download' ? !source['url'] : !source['volume-name'] || !source['export-type'];
  if (sourceType !== 'download' && sourceType !== 'export-from-volume') {
    throw new Error(
      `rpc error: code = InvalidArgument desc = volume ${volumeName} backing image type ${sourceType} is not supported via CSI`,
    );
  }
  if (missing) {
    throw new Error(
      `rpc error: code = InvalidArgument desc = volume ${volumeName} missing required parameters for backing image ${name}`,
    );
  }
  const copies = Number(parameters['backingImageMinNumberOfCopies'] ?? '0');
  cluster.backingImages.create({
    metadata: { name },
    spec: {
      sourceType,
      sourceParameters: source,
      checksum: parameters['backingImageChecksum'] ?? '',
      dataEngine: parameters['dataEngine'] === 'v2' ? 'v2' : 'v1',
      minNumberOfCopies: copies,
      nodeSelector: list(parameters['backingImageNodeSelector'] ?? ''),
      diskSelector: list(parameters['backingImageDiskSelector'] ?? ''),
    },
  });
}

function requireSame(image: BackingImage, parameters: StorageParameters): void {
  const name = image.metadata.name;
  const sourceType = parameters['backingImageDataSourceType'] ?? '';
  const source = sourceParametersOf(parameters);
  const otherSource =
    sourceType !== '' &&
    (sourceType !== image.spec.sourceType ||
      (Object.keys(source).length > 0 && JSON.stringify(source) !== JSON.stringify(image.spec.sourceParameters)));
  if (otherSource) {
    const what = `existing backing image ${name} data source is different from the parameters`;
    throw new Error(`rpc error: code = InvalidArgument desc = ${what} in the creation request or StorageClass`);
  }
  const checksum = parameters['backingImageChecksum'] ?? '';
  const current = image.status?.checksum ?? '';
  if (
    checksum !== '' &&
    ((current !== '' && current !== checksum) || (image.spec.checksum !== '' && image.spec.checksum !== checksum))
  ) {
    const what = `existing backing image ${name} expected checksum or current checksum`;
    throw new Error(
      `rpc error: code = InvalidArgument desc = ${what} doesn't match the specified checksum ${checksum} in the request`,
    );
  }
}

function sourceParametersOf(parameters: StorageParameters): Record<string, string> {
  const text = parameters['backingImageDataSourceParameters'] ?? '';
  return text === '' ? {} : (JSON.parse(text) as Record<string, string>);
}
