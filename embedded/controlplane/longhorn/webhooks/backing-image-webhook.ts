import type { BackingImage } from '../model/backing-image.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys, managedByLonghorn } from '../cluster/names.ts';
import { invalid } from './denial.ts';
import { addLabels } from './webhook.ts';
import type { Webhook } from './webhook.ts';

const nameRule = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const sha512Rule = /^[a-f0-9]{128}$/;

/** Source: longhorn-manager:webhook/resources/backingimage@v1.8.0, v1.11.3, v1.12.1. */
export const backingImageWebhook: Webhook<BackingImage> = {
  mutateCreate(cluster, image) {
    const { spec } = image;
    spec.checksum = (spec.checksum as string | undefined)?.trim() ?? '';
    const parameters = (spec.sourceParameters as Record<string, string> | undefined) ?? {};
    spec.sourceParameters = Object.fromEntries(
      Object.entries(parameters).map(([key, value]) => [key, value.trim()]),
    );
    spec.disks = {};
    spec.diskFileSpecMap = {};
    if (!(spec.minNumberOfCopies > 0)) {
      spec.minNumberOfCopies = cluster.settings.number('default-min-number-of-backing-image-copies');
    }
    // An unknown engine stays as it is: the CRD's enum refuses it after this webhook.
    if (((spec.dataEngine as string | undefined) ?? '') === '') spec.dataEngine = 'v1';
    addLabels(image, { [labelKeys.component]: 'backing-image', ...managedByLonghorn });
  },
  mutateUpdate(_cluster, image, old) {
    if (image.spec.dataEngine !== old.spec.dataEngine) {
      const text = `changing data engine for BackingImage ${image.metadata.name} is not supported`;
      throw invalid(text, '', 'mutator');
    }
  },
  validateCreate(cluster, image) {
    const { spec } = image;
    if (spec.dataEngine === 'v2' && cluster.profile.v2BackingImages === 'refused') {
      throw invalid('v2 backing image is not supported');
    }
    if (!nameRule.test(image.metadata.name)) throw invalid(`invalid name ${image.metadata.name}`);
    if (spec.checksum !== '' && !sha512Rule.test(spec.checksum)) throw invalid(`invalid checksum ${spec.checksum}`);
    validateSource(cluster, image);
  },
  validateUpdate(_cluster, image, old) {
    const name = old.metadata.name;
    if ((image.spec.secret ?? '') !== (old.spec.secret ?? '') && old.spec.secret !== undefined) {
      throw invalid(`changing secret for BackingImage ${name} is not supported`);
    }
    if ((image.spec.secretNamespace ?? '') !== (old.spec.secretNamespace ?? '') && old.spec.secretNamespace !== undefined) {
      throw invalid(`changing secret namespace for BackingImage ${name} is not supported`);
    }
  },
  validateDelete(cluster, image) {
    const name = image.metadata.name;
    // Terminating replicas count: their data still stands on the image.
    if (cluster.replicas.list({ [labelKeys.backingImage]: name }).length > 0) {
      throw invalid(`cannot delete backing image ${name} since there are replicas using it`);
    }
  },
};

function validateSource(cluster: LonghornCluster, image: BackingImage): void {
  const { sourceType, sourceParameters } = image.spec;
  // Go prints a map as map[key:value …].
  const printed = `map[${Object.entries(sourceParameters).map(([key, value]) => `${key}:${value}`).join(' ')}]`;
  const badParameters = `invalid parameter ${printed} for source type ${sourceType}`;
  switch (sourceType) {
    case 'download':
      validateDownload(cluster, sourceParameters['url'] ?? '', badParameters);
      break;
    case 'clone': {
      const source = cluster.backingImages.get(sourceParameters['backing-image'] ?? '');
      if (source === undefined) throw invalid(badParameters);
      if (source.spec.dataEngine === 'v2') throw invalid('clone from a v2 backing image is not supported');
      break;
    }
    case 'export-from-volume': {
      const volumeName = sourceParameters['volume-name'] ?? '';
      if (volumeName === '') throw invalid(badParameters);
      const volume = cluster.volumes.get(volumeName);
      if (volume === undefined) throw invalid(`failed to get volume ${volumeName} before exporting backing image`);
      if (volume.spec.dataEngine === 'v2') throw invalid('exported from a v2 volume is not supported');
      break;
    }
    default:
      break;
  }
}

function validateDownload(cluster: LonghornCluster, url: string, badParameters: string): void {
  const field = 'spec.sourceParameters[url]';
  if (cluster.profile.downloadUrlCheck === 'parameter-only') {
    if (url === '') throw invalid(badParameters);
    return;
  }
  if (url === '') throw invalid('download URL is not provided', field);
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || (target.protocol !== 'http:' && target.protocol !== 'https:')) {
    throw invalid(`download URL scheme must be http or https`, field);
  }
  const host = target.hostname;
  if (host === 'localhost' || host === '[::1]' || host.startsWith('127.')) {
    throw invalid('download URL must not target a loopback address', field);
  }
}
