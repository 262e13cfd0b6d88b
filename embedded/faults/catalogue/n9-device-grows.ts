import type { Control } from '../fault.ts';

export const deviceGrows: Control = {
  kind: 'control',
  id: 'N9',
  name: 'device grows',
  model: 'The device is larger after an expansion and its old range is unchanged.',
  copies: [],
  scenarios: ['volume-expansion'],
  parameters: {},
  hooks({ liveness }) {
    return {
      event(event) {
        if (event.kind !== 'replica-expanded') return;
        const { replica, fromBytes, lvol } = event;
        liveness.note('state', `${replica} had ${String(fromBytes)} bytes and has ${String(lvol.sizeBytes)}`);
      },
    };
  },
};
