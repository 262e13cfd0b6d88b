import { setTimeout as sleep } from 'node:timers/promises';
import type { Control } from '../fault.ts';

export const slowDisk: Control = {
  kind: 'control',
  id: 'N11',
  name: 'slow but right disk',
  model: 'Every request to the replica in one slot takes so much longer, and does what it should.',
  copies: [],
  parameters: {
    slot: { kind: 'integer', default: 0, min: 0, max: 19, text: 'slot of the replica in the raid' },
    read: { kind: 'integer', default: 5, min: 0, max: 60_000, text: 'milliseconds per read' },
    write: { kind: 'integer', default: 5, min: 0, max: 60_000, text: 'milliseconds per write' },
  },
  hooks({ parameters, liveness }) {
    function held(slot: number, milliseconds: number, what: string): Promise<void> | undefined {
      if (slot !== parameters.integer('slot') || milliseconds === 0) return undefined;
      liveness.note('state', what);
      return sleep(milliseconds, undefined, { ref: false });
    }
    return {
      baseBdevWrite({ slot, replica, offset }) {
        const when = held(slot, parameters.integer('write'), `a write of ${replica} at ${String(offset)} is held back`);
        return when === undefined ? { kind: 'apply' } : { kind: 'slow', when, lands: 'then' };
      },
      readDelay: ({ slot, replica, offset }) =>
        held(slot, parameters.integer('read'), `a read of ${replica} at ${String(offset)} is held back`),
    };
  },
};
