import type { Control } from '../fault.ts';
import { bytesBefore, noteRange } from '../writes.ts';

export const discardedRanges: Control = {
  kind: 'control',
  id: 'N4',
  name: 'discarded ranges',
  model: 'A discarded range holds other bytes than before, as the disk likes, and the same at every read.',
  copies: [],
  scenarios: ['discard-and-zeroes'],
  parameters: {
    leaves: { kind: 'choice', default: 'mixed', choices: ['zeros', 'ones', 'mixed'], text: 'what a discard leaves' },
  },
  hooks({ parameters, liveness }) {
    const leaves = parameters.choice('leaves');
    return {
      baseBdevWrite(request) {
        const { operation, offset, length } = request;
        if (operation !== 'unmap') return { kind: 'apply' };
        // By place alone, so that it is the same on every replica.
        const zeros = leaves === 'zeros' || (leaves === 'mixed' && (offset / 512) % 2 === 0);
        const data = Buffer.alloc(length, zeros ? 0 : 0xff);
        if (!bytesBefore(request).equals(data)) noteRange(liveness, request, 'what the discard leaves');
        return { kind: 'alter', data };
      },
    };
  },
};
