import type { RunnableFault } from '../fault.ts';

const differenceBytes: Readonly<Record<string, number>> = { larger: 1048576, smaller: -4096 };

export const deviceOfAnotherSize: RunnableFault = {
  kind: 'fault',
  id: 'X7',
  name: 'device of another size',
  model: 'The device is larger or smaller than the volume, whose objects and lvols have the right size.',
  copies: [],
  parameters: {
    device: { kind: 'choice', default: 'larger', choices: Object.keys(differenceBytes), text: 'what the device is' },
  },
  expected: { findings: ['allocation'], wrongBytes: [], replica: 'none' },
  hooks({ parameters, liveness }) {
    const bytes = differenceBytes[parameters.choice('device')] ?? 0;
    return {
      deviceSizeBytes({ engineName, wantedBytes }) {
        liveness.note(
          'state',
          `the device of ${engineName} has ${String(wantedBytes + bytes)} bytes instead of ${String(wantedBytes)}`,
        );
        return wantedBytes + bytes;
      },
    };
  },
};
