import { commit, longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { bytesBefore, noteWritten } from '../writes.ts';

export const failedWriteUnnoticed: RunnableFault = {
  kind: 'fault',
  id: 'FM32',
  name: 'failed replica not marked ERR',
  model: 'A write fails on one replica, the host is told that it succeeded, and the replica stays RW.',
  copies: [longhorn(6472), commit('openebs/mayastor', '141a5fb0')],
  parameters: {
    slot: { kind: 'integer', default: 0, min: 0, max: 19, text: 'slot of the replica in the raid' },
    from: { kind: 'integer', default: 2, min: 1, max: 1_000_000, text: 'the first write that fails' },
    writes: { kind: 'integer', default: 4, min: 1, max: 1_000_000, text: 'how many fail in a row' },
  },
  expected: {
    findings: ['content', 'passes-disagree'],
    wrongBytes: ['parent-shows-through', 'zeros', 'older-generation'],
    replica: 'one',
  },
  hooks({ parameters, liveness }) {
    let writes = 0;
    const from = parameters.integer('from');
    return {
      baseBdevWrite(request) {
        if (request.slot !== parameters.integer('slot')) return { kind: 'apply' };
        writes += 1;
        if (writes < from || writes >= from + parameters.integer('writes')) return { kind: 'apply' };
        noteWritten(liveness, request, bytesBefore(request));
        return { kind: 'fail-unnoticed' };
      },
    };
  },
};
