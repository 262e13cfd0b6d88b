import type { RunnableFault } from '../fault.ts';

export const replicaInTwoSlots: RunnableFault = {
  kind: 'fault',
  id: 'X3',
  name: 'replica in two slots',
  model:
    'A raid that is made anew has one replica in two slots; another, that was rebuilt, counts as RW, and nobody reads or writes it.',
  copies: [],
  parameters: {
    attach: { kind: 'integer', default: 2, min: 1, max: 100, text: 'which attach of the volume it strikes' },
  },
  expected: { findings: ['membership'], wrongBytes: [], replica: 'one' },
  neededChecks: ['audit'],
  hooks({ parameters, liveness }) {
    const attaches = new Map<string, number>();
    /** In the order in which they were. */
    const rebuilt = new Set<string>();
    return {
      event(event) {
        if (event.kind === 'replica-mode' && event.mode === 'WO') rebuilt.add(event.replica);
      },
      slotsAtAttach({ engineName, names }) {
        const attach = (attaches.get(engineName) ?? 0) + 1;
        attaches.set(engineName, attach);
        const left = [...rebuilt].find((name) => names.includes(name)) ?? names[1];
        const twice = names.find((name) => name !== left);
        if (attach !== parameters.integer('attach') || left === undefined || twice === undefined) return names;
        liveness.note('state', `${left} is RW in ${engineName}, and ${twice} stands in its slot`);
        return names.map((name) => (name === left ? twice : name));
      },
    };
  },
};
