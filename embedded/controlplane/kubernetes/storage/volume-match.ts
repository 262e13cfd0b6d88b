import { selectorMatches } from '../label-selector.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../objects/storage.ts';
import { parseQuantity } from './quantity.ts';

/** Whether the volume's claimRef names this very claim (a reference without uid is a reservation by name). */
export function isClaimedBy(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reference = volume.spec.claimRef;
  return (
    reference !== undefined &&
    reference.namespace === claim.metadata.namespace &&
    reference.name === claim.metadata.name &&
    (reference.uid === undefined || reference.uid === '' || reference.uid === claim.metadata.uid)
  );
}

function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (
    volume.metadata.deletionTimestamp === undefined &&
    (volume.spec.storageClassName ?? '') === (claim.spec.storageClassName ?? '') &&
    (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem') &&
    (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode)) &&
    parseQuantity(volume.spec.capacity?.storage) >= parseQuantity(claim.spec.resources?.requests?.storage) &&
    (claim.spec.selector === undefined || selectorMatches(claim.spec.selector, volume.metadata.labels))
  );
}

/** The volume reserved for the claim, else the smallest free one that suits it. */
export function findVolume(
  volumes: readonly PersistentVolume[],
  claim: PersistentVolumeClaim,
): PersistentVolume | undefined {
  const reserved = volumes.find((volume) => isClaimedBy(volume, claim));
  const free = volumes
    .filter((volume) => volume.spec.claimRef === undefined && suits(volume, claim))
    .sort((left, right) => parseQuantity(left.spec.capacity?.storage) - parseQuantity(right.spec.capacity?.storage));
  return reserved ?? free[0];
}
