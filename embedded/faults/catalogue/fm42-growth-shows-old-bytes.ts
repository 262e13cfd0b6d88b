import { page, spdkCommit } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const growthShowsOldBytes: UnreachedFault = {
  kind: 'unreached',
  id: 'FM42',
  name: 'growth shows old bytes',
  model: 'What an expansion adds is not zero.',
  copies: [
    spdkCommit('00311abc73'),
    page(
      'ceph parent overlap',
      'https://review.tizen.org/git/?a=commit&h=a9e8ba2cb3eb64cf6cfa509d096ef79bc1c827ae&p=platform%2Fkernel%2Flinux-rpi.git',
    ),
  ],
  needs: 'expansion',
};
