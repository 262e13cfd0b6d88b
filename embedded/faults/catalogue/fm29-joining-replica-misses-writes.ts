import { commit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { JoiningReplicas } from '../joining.ts';
import { bytesBefore, noteWritten } from '../writes.ts';

export const joiningReplicaMissesWrites: RunnableFault = {
  kind: 'fault',
  id: 'FM29',
  name: 'joining replica misses writes',
  model: 'The replica that joins is not in the set that is written.',
  copies: [commit('openebs/mayastor', 'ea4902ca')],
  scenarios: ['writes-during-rebuild'],
  parameters: {
    share: { kind: 'integer', default: 100, min: 1, max: 100, text: 'percentage of the writes that it misses' },
  },
  expected: {
    findings: ['content', 'passes-disagree'],
    wrongBytes: ['older-generation', 'parent-shows-through', 'zeros', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness, random }) {
    const joining = new JoiningReplicas();
    return {
      event(event) {
        joining.observe(event);
      },
      baseBdevWrite(request) {
        if (!joining.has(request.replica)) return { kind: 'apply' };
        if (random.integer(100) >= parameters.integer('share')) return { kind: 'apply' };
        noteWritten(liveness, request, bytesBefore(request));
        return { kind: 'drop' };
      },
    };
  },
};
