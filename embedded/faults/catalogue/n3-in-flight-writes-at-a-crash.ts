import type { UnreachedFault } from '../fault.ts';

export const inFlightWritesAtCrash: UnreachedFault = {
  kind: 'unreached',
  id: 'N3',
  name: 'in-flight writes at a crash',
  model: 'A write that was not acknowledged before a crash holds its old or its new content, and stays that way.',
  copies: [],
  needs: 'a crash with writes in flight',
};
