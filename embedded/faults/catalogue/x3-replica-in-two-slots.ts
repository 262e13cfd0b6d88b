import type { RunnableFault } from '../fault.ts';

export const replicaInTwoSlots: RunnableFault = {
  kind: 'fault',
  id: 'X3',
  name: 'replica in two slots',
  model: 'A raid that is made anew has one replica in two slots; the other one counts as RW, and nobody reads or writes it.',
  copies: [],
  parameters: {
    attach: { kind: 'integer', default: 2, min: 1, max: 100, text: 'which attach of the volume it strikes' },
  },
  expected: { findings: ['membership'], wrongBytes: [], replica: 'one' },
  hooks({ parameters, liveness }) {
    const attaches = new Map<string, number>();
    return {
      slotsAtAttach({ engineName, names }) {
        const attach = (attaches.get(engineName) ?? 0) + 1;
        attaches.set(engineName, attach);
        const [first, second] = names;
        if (attach !== parameters.integer('attach') || first === undefined || second === undefined) return names;
        liveness.note('state', `${second} is RW in ${engineName}, and ${first} stands in its slot`);
        return names.map((name) => (name === second ? first : name));
      },
    };
  },
};
