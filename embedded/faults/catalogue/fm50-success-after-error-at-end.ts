import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { bytesBefore, noteWritten } from '../writes.ts';

export const successAfterErrorAtEnd: RunnableFault = {
  kind: 'fault',
  id: 'FM50',
  name: 'success after an error at the end',
  model: 'What is written to the last blocks of the device is acknowledged and lost on every replica alike.',
  copies: [longhorn(13965)],
  parameters: {
    blocks: { kind: 'integer', default: 8, min: 1, max: 1_000_000, text: 'how many 4 KiB blocks at the end' },
  },
  expected: {
    findings: ['content'],
    wrongBytes: ['zeros', 'parent-shows-through', 'older-generation'],
    replica: 'all',
  },
  neededChecks: ['oracle'],
  hooks({ parameters, liveness }) {
    return {
      baseBdevWrite(request) {
        const { offset, length, lvol } = request;
        if (offset + length <= lvol.sizeBytes - parameters.integer('blocks') * 4096) return { kind: 'apply' };
        noteWritten(liveness, request, bytesBefore(request));
        return { kind: 'fail-unnoticed' };
      },
    };
  },
};
