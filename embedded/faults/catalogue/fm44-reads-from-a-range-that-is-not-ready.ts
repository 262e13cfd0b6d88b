import { page } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const readsFromUnreadyRange: UnreachedFault = {
  kind: 'unreached',
  id: 'FM44',
  name: 'reads from a range that is not ready',
  model: 'A read during the rebuild goes to the joining replica beyond what was copied.',
  copies: [
    page('DRBD 9.0.5', 'https://github.com/LINBIT/drbd/blob/drbd-9.0/ChangeLog'),
    page(
      'md c6d119cf',
      'https://review.shift-gmbh.com/plugins/gitiles/SHIFTPHONES/kernel/common/+/c6d119cf1b5a778e9ed60a006e2a434fcc4471a2',
    ),
  ],
  needs: 'reads during the rebuild',
};
