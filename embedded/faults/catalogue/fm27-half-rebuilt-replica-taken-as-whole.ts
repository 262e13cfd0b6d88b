import { longhorn, page } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const halfRebuiltTakenAsWhole: UnreachedFault = {
  kind: 'unreached',
  id: 'FM27',
  name: 'half-rebuilt replica taken as whole',
  model: 'After an interruption a replica that was copied in part joins as RW.',
  copies: [
    longhorn(8659),
    longhorn(7714),
    page(
      'md 1a855a06',
      'https://gerrit-public.fairphone.software/plugins/gitiles/kernel/msm/+/1a855a0606653d2d82506281e2c686bacb4b2f45',
    ),
  ],
  needs: 'a rebuild that is interrupted half-way',
};
