import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys, managedByLonghorn } from '../cluster/names.ts';
import type { BackingImage } from '../model/backing-image.ts';
import { checkSource } from './backing-image-source.ts';
import { internal, invalid } from './denial.ts';
import type { Webhook as WebhookName } from './denial.ts';
import { checkName, correctName } from './name-rule.ts';
import { addLabels, defaultEngine } from './webhook.ts';
import type { Webhook } from './webhook.ts';

const sha512Rule = /^[a-f0-9]{128}$/;

/** Source: longhorn-manager:webhook/resources/backingimage@v1.8.0..v1.12.1. */
export const backingImageWebhook: Webhook<BackingImage> = {
  mutateCreate(cluster, image) {
    const spec = image.spec as Partial<BackingImage['spec']>;
    const parameters: Record<string, string> = {};
    for (const [key, value] of Object.entries(spec.sourceParameters ?? {})) parameters[key] = value.trim();
    if (spec.sourceType === 'export-from-volume' && (parameters['export-type'] ?? '') === '')
      parameters['export-type'] = 'raw';
    if (spec.sourceType === 'restore' && (parameters['concurrent-limit'] ?? '') === '') {
      parameters['concurrent-limit'] = cluster.settings.text('backup-concurrent-limit');
    }
    let checksum = spec.checksum?.trim() ?? '';
    if (spec.sourceType === 'clone') {
      if ((parameters['encryption'] ?? '') === '') parameters['encryption'] = 'ignore';
      const inherited = inherit(cluster, spec, parameters);
      if (inherited === undefined) return 'untouched';
      checksum = inherited;
    }
    correctName(image);
    spec.checksum = checksum;
    spec.sourceParameters = parameters;
    spec['disks'] ??= {};
    spec.diskFileSpecMap ??= {};
    if ((spec.minNumberOfCopies ?? 0) === 0) {
      spec.minNumberOfCopies = cluster.settings.number('default-min-number-of-backing-image-copies');
    }
    // An unknown engine stays as it is: the CRD's enum refuses it after this webhook.
    defaultEngine(image, 'v1');
    addLabels(image, { [labelKeys.component]: 'backing-image', ...managedByLonghorn });
    return undefined;
  },
  mutateUpdate(_cluster, image, old) {
    checkSecrets(image, old, 'mutator');
    if (image.spec.dataEngine !== old.spec.dataEngine) {
      throw invalid(`changing data engine for BackingImage ${image.metadata.name} is not supported`, '', 'mutator');
    }
    const spec = image.spec as Partial<BackingImage['spec']>;
    if ((spec.sourceType ?? '') === '') spec.sourceType = 'download';
    spec['disks'] ??= {};
    spec.diskFileSpecMap ??= {};
    spec.sourceParameters ??= {};
  },
  validateCreate(cluster, image) {
    const { spec } = image;
    if (spec.dataEngine === 'v2' && cluster.profile.v2BackingImages === 'refused') {
      throw invalid('v2 backing image is not supported');
    }
    checkSecretExists(cluster, image);
    checkName(image.metadata.name);
    const checksum = (spec.checksum as string | undefined) ?? '';
    if (checksum !== '' && !sha512Rule.test(checksum)) throw invalid(`invalid checksum ${checksum}`);
    checkCopies(image);
    checkSource(cluster, image);
  },
  validateUpdate(cluster, image, old) {
    // The validator is not asked about updates before 1.12.1.
    if (!isInVersionRange(cluster.profile.version, '1.12.1..')) return;
    checkCopies(image);
    checkSecrets(image, old, 'validator');
    if (image.spec.sourceType === 'download') checkSource(cluster, image);
  },
  validateDelete(cluster, image) {
    const name = image.metadata.name;
    // Terminating replicas count: their data still stands on the image.
    if (cluster.replicas.list({ [labelKeys.backingImage]: name }).length > 0) {
      throw invalid(`cannot delete backing image ${name} since there are replicas using it`);
    }
  },
};

/**
 * What a clone takes over from its source: the checksum; undefined when the source has none yet. Then the mutator gives up
 * without a word (errors.Wrapf of no error is none), and the validator sees the image as it was asked for.
 */
function inherit(
  cluster: LonghornCluster,
  spec: Partial<BackingImage['spec']>,
  parameters: Readonly<Record<string, string>>,
): string | undefined {
  if (parameters['encryption'] !== 'ignore') return '';
  const name = parameters['backing-image'] ?? '';
  const source = cluster.backingImages.get(name);
  if (source === undefined) {
    throw internal(
      `failed to get source backing image ${name}: backingimage.longhorn.io "${name}" not found`,
      'mutator',
    );
  }
  const checksum = source.status?.checksum ?? '';
  if (checksum === '') return undefined;
  spec.secret = source.spec.secret ?? '';
  spec.secretNamespace = source.spec.secretNamespace ?? '';
  return checksum;
}

function checkSecrets(image: BackingImage, old: BackingImage, webhook: WebhookName): void {
  const fields = [
    ['secret', 'secret'],
    ['secretNamespace', 'secret namespace'],
  ] as const;
  for (const [field, words] of fields) {
    const before = old.spec[field] ?? '';
    if (before === '' || before === image.spec[field]) continue;
    throw invalid(`changing ${words} for BackingImage ${old.metadata.name} is not supported`, '', webhook);
  }
}

function checkSecretExists(cluster: LonghornCluster, image: BackingImage): void {
  const { secret = '', secretNamespace: namespace = '' } = image.spec;
  if (!isInVersionRange(cluster.profile.version, '1.10.0..') || (secret === '' && namespace === '')) return;
  if (secret !== '' && cluster.store.get({ resource: 'secrets', namespace, name: secret }) !== undefined) return;
  throw invalid(
    `failed to get secret ${secret} in namespace ${namespace} for the backing image ${image.metadata.name}`,
  );
}

function checkCopies({ spec }: BackingImage): void {
  const count = (spec.minNumberOfCopies as number | undefined) ?? 0;
  // The number that it names is another bound, which there is not (longhorn-manager:types/types.go@v1.12.1).
  if (count < 1) throw invalid(`minimum number of backing image copies ${String(count)} must larger than 0`);
}
