import { pull } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteWritten } from '../writes.ts';

interface Range {
  readonly offset: number;
  readonly length: number;
}

export const lateDiscard: RunnableFault = {
  kind: 'fault',
  id: 'FM39',
  name: 'late discard',
  model: 'A discard takes effect after its range was written again: the new data becomes zeros.',
  copies: [pull('cloud-hypervisor/cloud-hypervisor', 8624)],
  scenarios: ['discard-and-zeroes'],
  parameters: {},
  expected: { findings: ['content'], wrongBytes: ['zeros'], replica: 'all' },
  neededChecks: ['oracle'],
  hooks({ liveness }) {
    /** Discards that are still to come, by replica. */
    const waiting = new Map<string, Range[]>();
    return {
      baseBdevWrite(request) {
        const { replica, operation, offset, length, data } = request;
        const late = waiting.get(replica) ?? [];
        if (operation === 'unmap') {
          waiting.set(replica, [...late, { offset, length }]);
          return { kind: 'drop' };
        }
        const overtaken = late.filter(
          (range) => range.offset < offset + length && offset < range.offset + range.length,
        );
        if (overtaken.length === 0 || data === undefined) return { kind: 'apply' };
        waiting.set(
          replica,
          late.filter((range) => !overtaken.includes(range)),
        );
        const found = Buffer.from(data);
        for (const range of overtaken) {
          const from = Math.max(range.offset, offset) - offset;
          found.fill(0, from, Math.min(range.offset + range.length, offset + length) - offset);
        }
        noteWritten(liveness, request, found);
        return { kind: 'alter', data: found };
      },
    };
  },
};
