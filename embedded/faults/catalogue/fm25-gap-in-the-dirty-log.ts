import { setTimeout as sleep } from 'node:timers/promises';
import { commit, page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { JoiningReplicas } from '../joining.ts';
import { bytesBefore, noteWritten } from '../writes.ts';

/** So long is the end of a rebuild held back for writes that fall into the gap. */
const longestGapMs = 3000;

export const gapInDirtyLog: RunnableFault = {
  kind: 'fault',
  id: 'FM25',
  name: 'gap in the dirty log',
  model: 'Writes just after the joining replica came in, or just before the end of its rebuild, do not reach it.',
  copies: [
    commit('openebs/mayastor', '244c261c'),
    page(
      'md 133d4527',
      'https://review.tizen.org/git/?a=commit&h=133d4527eab8d199a62eee6bd433f0776842df2e&p=profile%2Fcommon%2Fplatform%2Fkernel%2Flinux-artik7.git',
    ),
  ],
  scenarios: ['writes-during-rebuild'],
  parameters: {
    window: { kind: 'choice', default: 'end', choices: ['begin', 'end'], text: 'where the gap is' },
    writes: { kind: 'integer', default: 16, min: 1, max: 1_000_000, text: 'how many writes fall into it' },
  },
  expected: {
    findings: ['content', 'passes-disagree'],
    wrongBytes: ['older-generation', 'parent-shows-through', 'zeros', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness }) {
    const joining = new JoiningReplicas();
    const wanted = parameters.integer('writes');
    let open = parameters.choice('window') === 'begin';
    let lost = 0;
    return {
      event(event) {
        joining.observe(event);
      },
      async rebuildStep(step) {
        if (step !== 'suspend-before-finish' || parameters.choice('window') !== 'end') return 'run' as const;
        open = true;
        const deadline = Date.now() + longestGapMs;
        while (lost < wanted && Date.now() < deadline) await sleep(2, undefined, { ref: false });
        open = false;
        return 'run' as const;
      },
      baseBdevWrite(request) {
        if (!open || lost === wanted || !joining.has(request.replica)) return { kind: 'apply' };
        lost += 1;
        noteWritten(liveness, request, bytesBefore(request));
        return { kind: 'drop' };
      },
    };
  },
};
