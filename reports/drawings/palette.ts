import type { RangeClass, WrongByteKind } from '../../helpers/oracle/plan.ts';

/**
 * Colours of Okabe and Ito, told apart by every common kind of colour blindness. What is wrong is vermillion, hatched
 * and lettered, so that it does not depend on colour at all.
 */
export const rangeClassColours: Record<RangeClass, string> = {
  'image-data': '#56b4e9',
  'image-zeros': '#c9e4f6',
  'image-hole': '#eef5fa',
  'beyond-image': '#e4e4e4',
  written: '#009e73',
  'written-zeros': '#a6dccb',
  discarded: '#f0e442',
};

export const wrongColour = '#d55e00';
export const wrongHatchColour = '#8f3f00';
export const inkColour = '#1b1f24';
export const faintColour = '#6a737d';
export const gridColour = '#d0d7de';

/** One letter per kind, for a cell too small for words. */
export const wrongByteLetters: Record<WrongByteKind, string> = {
  zeros: 'Z',
  'parent-shows-through': 'P',
  'older-generation': 'O',
  'other-offset': 'S',
  'other-volume': 'X',
  torn: 'T',
  garbage: 'G',
  missing: 'M',
};
