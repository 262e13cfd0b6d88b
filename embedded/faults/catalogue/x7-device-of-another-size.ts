import type { RunnableFault } from '../fault.ts';

export const deviceOfAnotherSize: RunnableFault = {
  kind: 'fault',
  id: 'X7',
  name: 'device of another size',
  model: 'The device is larger or smaller than the volume, whose objects and lvols have the right size.',
  copies: [],
  parameters: {
    bytes: { kind: 'integer', default: 1048576, min: -1048576, max: 1048576, text: 'by how much; negative is smaller' },
  },
  expected: { findings: ['allocation'], wrongBytes: [], replica: 'none' },
  hooks({ parameters, liveness }) {
    const bytes = parameters.integer('bytes');
    return {
      deviceSizeBytes({ engineName, wantedBytes }) {
        liveness.note('state', `the device of ${engineName} has ${String(wantedBytes + bytes)} bytes instead of ${String(wantedBytes)}`);
        return wantedBytes + bytes;
      },
    };
  },
};
