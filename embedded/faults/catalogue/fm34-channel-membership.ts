import { spdkCommit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { bytesBefore, noteWritten } from '../writes.ts';

export const channelMembership: RunnableFault = {
  kind: 'fault',
  id: 'FM34',
  name: 'membership differs per channel',
  model: 'One connection was opened while the raid changed: its writes do not reach one of the base bdevs.',
  copies: [spdkCommit('a67085538b'), spdkCommit('51978c16f1')],
  parameters: {
    slot: { kind: 'integer', default: 1, min: 0, max: 19, text: 'the base bdev that the channel does not know' },
  },
  expected: {
    findings: ['content', 'passes-disagree'],
    wrongBytes: ['parent-shows-through', 'zeros', 'torn', 'older-generation'],
    replica: 'one',
  },
  hooks({ parameters, liveness }) {
    const firstWriter = new Map<string, number>();
    return {
      baseBdevWrite(request) {
        const { engineName, connection, slot } = request;
        const struck = firstWriter.get(engineName) ?? connection;
        firstWriter.set(engineName, struck);
        if (connection !== struck || slot !== parameters.integer('slot')) return { kind: 'apply' };
        noteWritten(liveness, request, bytesBefore(request));
        return { kind: 'drop' };
      },
    };
  },
};
