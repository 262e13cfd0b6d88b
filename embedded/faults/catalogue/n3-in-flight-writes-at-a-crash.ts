import { setTimeout as sleep } from 'node:timers/promises';
import type { Control } from '../fault.ts';
import type { BaseBdevWrite } from '../hooks.ts';

export const inFlightWritesAtCrash: Control = {
  kind: 'control',
  id: 'N3',
  name: 'in-flight writes at a crash',
  model:
    'Of the writes that were not acknowledged before a crash, some are there on every replica and some on none; each stays as it is.',
  copies: [],
  scenarios: ['crash-with-writes-in-flight'],
  parameters: {
    delay: { kind: 'integer', default: 40, min: 1, max: 1000, text: 'milliseconds until a write is acknowledged' },
  },
  hooks({ parameters, liveness }) {
    /** By the bytes of a request, which are the same on its way to every replica. */
    const decided = new WeakMap<Uint8Array, BaseBdevWrite>();
    const underWay = { there: 0, notYet: 0 };
    let writes = 0;
    function decide(): BaseBdevWrite {
      const kind = writes++ % 2 === 0 ? 'there' : 'notYet';
      underWay[kind] += 1;
      const when = sleep(parameters.integer('delay'), undefined, { ref: false }).then(() => {
        underWay[kind] -= 1;
      });
      return { kind: 'slow', when, lands: kind === 'there' ? 'at-once' : 'then' };
    }
    return {
      baseBdevWrite({ operation, data }) {
        if (operation !== 'write' || data === undefined) return { kind: 'apply' };
        const decision = decided.get(data) ?? decide();
        decided.set(data, decision);
        return decision;
      },
      event(event) {
        const { there, notYet } = underWay;
        if (event.kind !== 'crashed' || event.engines.length === 0 || there + notYet === 0) return;
        liveness.note('state', `${String(there)} writes in flight are there, ${String(notYet)} are not`);
      },
    };
  },
};
