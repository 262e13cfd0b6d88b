import { spdkCommit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { JoiningReplicas } from '../joining.ts';
import { bytesBefore, noteWritten } from '../writes.ts';

export const channelMembership: RunnableFault = {
  kind: 'fault',
  id: 'FM34',
  name: 'membership differs per channel',
  model: 'One connection was opened while the raid changed: its writes do not reach one of the base bdevs.',
  copies: [spdkCommit('a67085538b'), spdkCommit('51978c16f1')],
  scenarios: ['writes-during-rebuild'],
  parameters: {
    when: {
      kind: 'choice',
      default: 'rebuild',
      choices: ['attach', 'rebuild'],
      text: 'which change the channel missed: a base bdev at the attach, or the one that joins',
    },
    slot: {
      kind: 'integer',
      default: 1,
      min: 0,
      max: 19,
      text: 'at the attach: the base bdev that the channel does not know',
    },
  },
  expected: {
    findings: ['content', 'passes-disagree'],
    wrongBytes: ['parent-shows-through', 'zeros', 'torn', 'older-generation'],
    replica: 'one',
  },
  hooks({ parameters, liveness }) {
    const joining = new JoiningReplicas();
    const atAttach = parameters.choice('when') === 'attach';
    /** Per engine at the attach, per joining replica at a rebuild: the connection that does not know it. */
    const struck = new Map<string, number>();
    return {
      event(event) {
        joining.observe(event);
      },
      baseBdevWrite(request) {
        const { engineName, connection, slot, replica } = request;
        const missed = atAttach ? engineName : replica;
        if ((atAttach || joining.has(replica)) && !struck.has(missed)) struck.set(missed, connection);
        const unknown = struck.get(missed) === connection && (!atAttach || slot === parameters.integer('slot'));
        if (!unknown) return { kind: 'apply' };
        noteWritten(liveness, request, bytesBefore(request));
        return { kind: 'drop' };
      },
    };
  },
};
