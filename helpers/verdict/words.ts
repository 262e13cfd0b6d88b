import type { RangeClass, WrongByteKind } from '../oracle/plan.ts';
import { isOfOneVolume } from '../oracle/parallel-plan.ts';
import { writtenContent } from '../oracle/recipe.ts';
import type { PassPhase } from './events.ts';
import type { PlacedReplica } from './finding-schema.ts';

/** The words in which a person reads the contract's names. */
export const phaseWords: Record<PassPhase, string> = {
  baseline: 'before the rebuild',
  degraded: 'while a replica was missing',
  rebuilding: 'during the rebuild',
  rebuilt: 'after the rebuild',
  isolated: 'in isolation',
  source: 'of a source of the rebuild alone',
  recovered: 'after recovery',
  reverted: 'after the revert',
  snapshot: 'of a snapshot',
  resized: 'after the resize',
  discarded: 'after the discard',
  bystander: 'of the bystander',
  reattached: 'after reattaching on another node',
  'isolated-second': 'in the second isolation',
};

/** Completes `… after the revert`, for every content but the usual one; what one of several volumes holds has its name. */
export function contentWords(content: string): string {
  if (content === writtenContent.name) return '';
  return isOfOneVolume(content) ? ` (${content})` : ` (content ${content})`;
}

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

/** `disk node-3/block-disk`; a disk's name is its own only within its node. The UUID stands in for an unknown name. */
export function diskWords({ nodeId, diskName, diskUuid }: PlacedReplica): string {
  const name = diskName ?? diskUuid;
  if (name === null) return 'an unknown disk';
  return nodeId === null ? `disk ${name}` : `disk ${nodeId}/${name}`;
}

/** Longhorn names replicas `<volume>-r-<8 hex digits>`; within one run the tail tells them apart. */
export function shortReplica(name: string): string {
  return /r-[0-9a-f]{8}$/.exec(name)?.[0] ?? name;
}

/** How the failure of a step begins that saw something wrong; what follows is short up to the parenthesis. */
export const observationLead = 'inconsistent observation: ';
