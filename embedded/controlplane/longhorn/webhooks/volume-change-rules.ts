import { linkedClonesOf, cloneReplicasOf, parseDataSource } from '../clone/linked-clone.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import { labelKeys } from '../cluster/names.ts';
import type { Volume } from '../model/volume.ts';
import { hasEntrypoints } from './clone-rules.ts';
import { checkShardedVolume } from './data-layout-rules.ts';
import { forbidden, internal, invalid } from './denial.ts';
import { refuse, since, textOf } from './volume-change.ts';
import type { VolumeChange } from './volume-change.ts';
import {
  backupBlockFault,
  checkBackupBlockSize,
  checkBandwidth,
  checkReplicaCount,
  checkSnapshotLimits,
  checkUblk,
  checkVolumeIdentity,
} from './volume-field-rules.ts';

type Change = VolumeChange & { readonly old: Volume };

/** What a volume may become. Source: longhorn-manager:webhook/resources/volume/validator.go Update@v1.8.0..v1.12.1. */
export function checkVolumeChange(change: Change): void {
  const { volume, old } = change;
  const { name } = old.metadata;
  checkLocality(change);
  checkReplicaCount(change);
  checkShardedVolume(volume);
  checkUblk(change);
  checkImmutable(change);
  checkLocalReplica(change);
  checkVolumeIdentity(change);
  const method = textOf(old.spec['backupCompressionMethod']);
  if (method !== '' && method !== volume.spec['backupCompressionMethod']) {
    refuse(
      change,
      `changing backup compression method for volume ${name} is not supported`,
      'spec.backupCompressionMethod',
    );
  }
  const block = Number(old.spec['backupBlockSize'] ?? 0);
  const wellBefore = since(change, '1.10.0') && backupBlockFault(Number(old.spec.size), block) === undefined;
  if (wellBefore && block !== Number(volume.spec['backupBlockSize'] ?? 0)) {
    throw invalid(`changing backup block size for volume ${name} is not supported`, 'spec.backupBlockSize');
  }
  checkBackupBlockSize(change);
  checkBandwidth(change);
  if (volume.spec.dataEngine !== old.spec.dataEngine)
    throw invalid(`changing data engine for volume ${name} is not supported`);
  if (old.spec.dataEngine === 'v2') checkV2Change(change);
  if (hasEntrypoints(change.cluster)) checkCloneLabels(change);
  checkSnapshotLimits(change);
  checkSnapshotUsage(change);
  checkHashingRequest(change);
  if (hasEntrypoints(change.cluster) && volume.spec.numberOfReplicas !== old.spec.numberOfReplicas)
    checkClonedReplicas(change);
}

function checkLocality(change: Change): void {
  const { volume, old } = change;
  const localities = [old.spec.dataLocality, volume.spec.dataLocality];
  if (localities[0] !== localities[1] && localities.includes('strict-local') && old.status?.state !== 'detached') {
    refuse(
      change,
      'data locality cannot be converted between strict-local and other modes when volume is not detached',
      'spec.dataLocality',
    );
  }
}

function checkImmutable(change: Change): void {
  if (!since(change, '1.10.0')) return;
  const { spec } = change.volume;
  const before = change.old.spec;
  const fixed = ['dataSource', ...(textOf(before.cloneMode) !== '' || !since(change, '1.11.1') ? ['cloneMode'] : [])];
  for (const field of fixed) {
    const [was, is] = [textOf(before[field]), textOf(spec[field])];
    if (was !== is) throw invalid(`.spec.${field} is immutable (old=${was}, new=${is})`, `.spec.${field}`);
  }
}

/** A strict-local volume goes where its replica is. */
function checkLocalReplica({ cluster, volume, old }: Change): void {
  const { name } = volume.metadata;
  const node = textOf(volume.spec.nodeID);
  if (volume.spec.dataLocality !== 'strict-local' || node === '' || node === textOf(old.spec.nodeID)) return;
  const [replica, ...more] = cluster.replicasOf(name);
  const wrap = `failed to check if strict-local volume ${name} and its replica are on the same node`;
  if (replica === undefined || more.length > 0)
    throw invalid(`${wrap}: BUG: replica should be 1 for strict-local volume ${name}`);
  if (replica.spec.nodeID === '' || replica.spec.nodeID === node) return;
  throw invalid(`${wrap}: moving a strict-local volume ${name} to another node is not supported`);
}

/** Fields that a V2 volume could not change: fewer with each release. */
const fixedForV2: readonly { readonly field: string; readonly words: string; readonly until: string }[] = [
  { field: 'size', words: 'volume size', until: '1.9.2' },
  { field: 'backingImage', words: 'backing image', until: '1.10.2' },
  { field: 'encrypted', words: 'encryption', until: '1.10.2' },
  { field: 'snapshotDataIntegrity', words: 'snapshot data integrity', until: '1.8.2' },
  { field: 'replicaAutoBalance', words: 'replica auto balance', until: '1.9.2' },
  { field: 'restoreVolumeRecurringJob', words: 'restore volume recurring job', until: '1.9.2' },
  { field: 'replicaSoftAntiAffinity', words: 'replica soft anti-affinity', until: '1.9.2' },
  { field: 'replicaZoneSoftAntiAffinity', words: 'replica zone soft anti-affinity', until: '1.9.2' },
];

function checkV2Change(change: Change): void {
  const { cluster, volume, old } = change;
  const { name } = old.metadata;
  for (const { field, words, until } of fixedForV2) {
    if (!isInVersionRange(cluster.profile.version, `..${until}`)) continue;
    // An absent field is Go's zero value.
    if ((old.spec[field] || '') === (volume.spec[field] || '')) continue;
    throw invalid(`changing ${words} for volume ${name} is not supported for data engine v2`);
  }
  // Once set, it could only be given back to the setting.
  const [was, is] = [
    textOf(old.spec['replicaDiskSoftAntiAffinity']),
    textOf(volume.spec['replicaDiskSoftAntiAffinity']),
  ];
  if (!since(change, '1.10.0') && was !== is && was !== '' && is !== 'ignored') {
    throw invalid(`changing replica disk soft anti-affinity for volume ${name} is not supported for data engine v2`);
  }
  if (since(change, '1.10.0') && volume.spec.frontend === 'ublk' && volume.spec.size !== old.spec.size) {
    throw invalid(`changing volume size for ublk volume ${name} is not supported for data engine v2`);
  }
  const label = 'v2-encrypted-volume-with-luks-header';
  const labelOf = ({ metadata }: Volume): string => metadata.labels?.[label] ?? '';
  if (since(change, '1.12.1') && old.spec['encrypted'] === true && labelOf(old) !== labelOf(volume)) {
    throw invalid(`changing ${label} label for volume ${name} is not supported`);
  }
}

/** Labels by which the dependents of a source are found stay as long as the clone does. */
function checkCloneLabels({ volume, old }: Change): void {
  if (textOf(old.spec.dataSource) === '') return;
  for (const label of [labelKeys.cloneSourceVolume, labelKeys.linkedCloneSourceSnapshot]) {
    const before = old.metadata.labels?.[label] ?? '';
    if (before === '' || volume.metadata.labels?.[label] === before) continue;
    throw invalid(
      `cannot change or remove label ${label} for volume ${old.metadata.name}: it must match spec.dataSource`,
    );
  }
}

/** Source: longhorn-manager:webhook/resources/volume/validator.go validateUpdatingSnapshotMaxCountAndSize@v1.8.0, v1.12.1. */
function checkSnapshotUsage({ cluster, volume, old }: Change): void {
  const limits = ({ spec }: Volume): [number, number] => [
    spec.snapshotMaxCount ?? 0,
    Number(spec.snapshotMaxSize ?? 0),
  ];
  const [count, size] = limits(volume);
  if (limits(old).join() === [count, size].join()) return;
  const [engine] = cluster.enginesOf(volume.metadata.name);
  const used = Object.values(engine?.status?.snapshots ?? {}).filter(
    (one) => !one.removed && one.name !== 'volume-head',
  );
  const bytes = used.reduce((sum, one) => sum + Number(one.size), 0);
  if (used.length <= count && (size === 0 || bytes <= size)) return;
  throw invalid(
    "can't make snapshotMaxCount or snapshotMaxSize be smaller than current usage, please remove snapshots first",
  );
}

function checkHashingRequest(change: Change): void {
  const { volume, old } = change;
  const [before, after] = [
    textOf(old.spec['snapshotHashingRequestedAt']),
    textOf(volume.spec['snapshotHashingRequestedAt']),
  ];
  if (!since(change, '1.12.0') || after === before || after === '' || before === '') return;
  if (before === textOf(old.status?.['lastOnDemandSnapshotHashingCompleteAt'])) return;
  throw invalid('previous snapshot hashing request is still in progress', 'spec.snapshotHashingRequestedAt');
}

/** Source: longhorn-manager:webhook/resources/volume/validator.go validateLinkedCloneReplicaCountIncrease, validateSourceVolumeReplicaCountDecrease@v1.12.1. */
function checkClonedReplicas({ cluster, volume, old }: Change): void {
  const { name } = volume.metadata;
  const wanted = volume.spec.numberOfReplicas;
  const sourceName =
    volume.spec.cloneMode === 'linked-clone' ? (parseDataSource(volume.spec.dataSource ?? '')?.volume ?? '') : '';
  if (sourceName !== '') {
    const source = cluster.volumes.get(sourceName);
    if (source === undefined)
      throw internal(`failed to get source volume ${sourceName}: volume.longhorn.io "${sourceName}" not found`);
    const most = source.spec.numberOfReplicas;
    if (wanted > most) {
      const why = `exceeds source volume ${sourceName} replica count ${String(most)}`;
      throw invalid(
        `cannot increase replica count of linked-clone volume ${name} to ${String(wanted)}: ${why}`,
        'spec.numberOfReplicas',
      );
    }
  }
  const fewer = old.spec.numberOfReplicas - wanted;
  const clones = linkedClonesOf(cluster, name);
  if (fewer <= 0 || clones.length === 0) return;
  const replicas = cluster.replicasOf(name);
  const free = replicas.filter((replica) => cloneReplicasOf(cluster, replica.metadata.name).length === 0).length;
  if (free < fewer) {
    const why = `only ${String(free)} of ${String(replicas.length)} linked-clone source replicas are not backing linked-clone replicas`;
    throw forbidden(`cannot decrease replica count of linked-clone source volume ${name} by ${String(fewer)}: ${why}`);
  }
  const larger = clones.find((clone) => clone.spec.numberOfReplicas > wanted);
  if (larger === undefined) return;
  const needs = `linked-clone volume ${larger.metadata.name} requires ${String(larger.spec.numberOfReplicas)} replicas`;
  throw invalid(
    `cannot decrease linked-clone source volume ${name} to ${String(wanted)} replicas: ${needs}`,
    'spec.numberOfReplicas',
  );
}
