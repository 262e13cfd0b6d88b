import type { RunnableFault } from '../fault.ts';

const pageBytes = 4096;

export const smallReadsFromElsewhere: RunnableFault = {
  kind: 'fault',
  id: 'X4',
  name: 'small reads from elsewhere',
  model: 'A read of less than a page is answered with what the last larger one of the engine began with.',
  copies: [],
  parameters: {
    from: { kind: 'integer', default: 1, min: 0, max: 1_000_000, text: 'the first MiB in which it happens' },
  },
  expected: {
    findings: ['content'],
    wrongBytes: ['other-offset', 'zeros', 'garbage', 'torn', 'parent-shows-through'],
    replica: 'all',
  },
  hooks({ parameters, liveness }) {
    const fromBytes = parameters.integer('from') * 1024 * 1024;
    /** By engine. */
    const beginnings = new Map<string, Buffer>();
    return {
      fetched({ engineName, offset, target }) {
        if (target.length >= pageBytes) {
          beginnings.set(engineName, Buffer.from(target.subarray(0, pageBytes)));
          return;
        }
        const held = beginnings.get(engineName);
        if (offset < fromBytes || held === undefined) return;
        const wrong = held.subarray(0, target.length);
        if (wrong.equals(target)) return;
        target.set(wrong);
        const where = { lvolName: engineName, offsetBytes: offset, lengthBytes: target.length };
        liveness.noteBytes({ ...where, how: 'those of another place' });
      },
    };
  },
};
