import type { Control } from '../fault.ts';

export const slotOrderChanged: Control = {
  kind: 'control',
  id: 'N7',
  name: 'slot order changes with every attach',
  model: 'The engine takes its replicas into the raid in turned order at every other attach.',
  copies: [],
  parameters: {},
  hooks({ liveness }) {
    const attaches = new Map<string, number>();
    return {
      attachOrder({ engineName, names }) {
        const attach = (attaches.get(engineName) ?? 0) + 1;
        attaches.set(engineName, attach);
        const order = attach % 2 === 0 ? [...names].sort().reverse() : [...names].sort();
        if (order.join() !== names.join())
          liveness.note('state', `attach ${String(attach)} of ${engineName}: ${order.join(', ')}`);
        return order;
      },
    };
  },
};
