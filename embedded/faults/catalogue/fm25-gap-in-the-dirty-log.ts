import { commit, page } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const gapInDirtyLog: UnreachedFault = {
  kind: 'unreached',
  id: 'FM25',
  name: 'gap in the dirty log',
  model: 'Writes between a failure and the begin of tracking, or just before the end, are not resynchronised.',
  copies: [
    commit('openebs/mayastor', '244c261c'),
    page(
      'md 133d4527',
      'https://review.tizen.org/git/?a=commit&h=133d4527eab8d199a62eee6bd433f0776842df2e&p=profile%2Fcommon%2Fplatform%2Fkernel%2Flinux-artik7.git',
    ),
  ],
  needs: 'writes during the rebuild',
};
