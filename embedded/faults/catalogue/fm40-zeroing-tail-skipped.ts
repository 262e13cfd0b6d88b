import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { bytesBefore, noteWritten, wantedBytes } from '../writes.ts';

export const zeroingTailSkipped: RunnableFault = {
  kind: 'fault',
  id: 'FM40',
  name: 'head and tail of zeroing skipped',
  model: 'Zeros are written in whole units; what the range has of a unit at its start and end keeps the old data.',
  copies: [longhorn(11757), longhorn(8235)],
  parameters: {
    unit: { kind: 'integer', default: 4096, min: 1024, max: 1048576, text: 'bytes per unit' },
  },
  expected: {
    findings: ['content'],
    wrongBytes: ['older-generation', 'parent-shows-through', 'garbage'],
    replica: 'all',
  },
  neededChecks: ['oracle'],
  hooks({ parameters, liveness }) {
    const unit = parameters.integer('unit');
    return {
      baseBdevWrite(request) {
        const wanted = wantedBytes(request);
        if (wanted === undefined || wanted.some((byte) => byte !== 0)) return { kind: 'apply' };
        const { offset, length } = request;
        const found = bytesBefore(request);
        const start = Math.ceil(offset / unit) * unit;
        const end = Math.floor((offset + length) / unit) * unit;
        if (end > start) found.fill(0, start - offset, end - offset);
        noteWritten(liveness, request, found);
        return { kind: 'alter', data: found };
      },
    };
  },
};
