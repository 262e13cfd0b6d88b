import { page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { JoiningReplicas } from '../joining.ts';
import { noteWritten, wantedBytes } from '../writes.ts';

/** Writes that may still come late, per replica: more than a scenario has blocks, so that one is there for each of them. */
const mostRemembered = 1024;

interface Remembered {
  readonly offset: number;
  readonly data: Buffer;
}

export const ghostWrite: RunnableFault = {
  kind: 'fault',
  id: 'FM33',
  name: 'ghost write',
  model: 'A write that was repeated elsewhere arrives late, after a newer one to the same place was acknowledged.',
  copies: [
    page(
      'linux-nvme: a late retry overwrites newer data',
      'http://lists.infradead.org/pipermail/linux-nvme/2025-February/053834.html',
    ),
  ],
  scenarios: ['writes-during-rebuild'],
  parameters: {
    when: {
      kind: 'choice',
      default: 'rebuild',
      choices: ['always', 'rebuild'],
      text: 'from the first write on, or only while a replica is rebuilt',
    },
    replicas: {
      kind: 'choice',
      default: 'one',
      choices: ['one', 'all'],
      text: 'where it arrives late: on the first replica with an older write, or on every one',
    },
  },
  expected: { findings: ['content', 'passes-disagree'], wrongBytes: ['older-generation', 'zeros'], replica: 'one' },
  hooks({ parameters, liveness }) {
    const everywhere = parameters.choice('replicas') === 'all';
    const joining = new JoiningReplicas();
    const always = parameters.choice('when') === 'always';
    const earlier = new Map<string, Remembered[]>();
    let struck: string | undefined;
    return {
      event(event) {
        joining.observe(event);
      },
      baseBdevWrite(request) {
        const wanted = wantedBytes(request);
        if (wanted === undefined) return { kind: 'apply' };
        const { offset, length, replica } = request;
        const before = earlier.get(replica) ?? [];
        earlier.set(replica, before);
        const older = before.findLast(
          (write) => write.offset < offset + length && offset < write.offset + write.data.length,
        );
        before.push({ offset, data: wanted });
        if (before.length > mostRemembered) before.shift();
        if (older === undefined || !(always || joining.any)) return { kind: 'apply' };
        struck ??= replica;
        if (!everywhere && replica !== struck) return { kind: 'apply' };
        // The older write in the newer one's range: what stands there when the older one lands last.
        const found = Buffer.from(wanted);
        const start = Math.max(offset, older.offset);
        older.data.copy(found, start - offset, start - older.offset, offset + length - older.offset);
        noteWritten(liveness, request, found);
        return { kind: 'alter', data: found };
      },
    };
  },
};
