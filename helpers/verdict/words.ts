import type { RangeClass, WrongByteKind } from '../oracle/plan.ts';
import type { PassPhase } from './events.ts';
import type { PlacedReplica } from './finding-schema.ts';

/** The words in which a person reads the contract's names. */
export const phaseWords: Record<PassPhase, string> = {
  baseline: 'before the rebuild',
  rebuilt: 'after the rebuild',
  isolated: 'in isolation',
  reattached: 'after reattaching on another node',
};

export const rangeClassWords: Record<RangeClass, string> = {
  'image-data': 'image data',
  'image-zeros': 'image zeros',
  'image-hole': 'image holes',
  'beyond-image': 'space beyond the image',
  written: 'written data',
  'written-zeros': 'written zeros',
  discarded: 'discarded space',
};

/** Completes `43 MiB of image data …`. */
export const wrongByteWords: Record<WrongByteKind, string> = {
  zeros: 'read as zeros',
  'parent-shows-through': 'show the parent instead',
  'older-generation': 'hold an older generation',
  'other-offset': "hold another offset's data",
  'other-volume': "hold another volume's data",
  torn: 'are torn',
  garbage: 'hold garbage',
  missing: 'are missing',
};

/** `disk-2 (7f3a…)` where the name is known, the UUID otherwise. */
export function diskWords({ diskName, diskUuid }: PlacedReplica): string {
  if (diskName !== null) return `disk ${diskName}`;
  return diskUuid === null ? 'an unknown disk' : `disk ${diskUuid}`;
}

export function replicaWords(replica: PlacedReplica): string {
  return `replica ${replica.replica} on ${diskWords(replica)}`;
}
