import { githubIssue, spdkCommit } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const unmapFreesWrongCluster: UnreachedFault = {
  kind: 'unreached',
  id: 'FM37',
  name: 'unmap frees the wrong cluster',
  model: 'An overflow or a double release frees a cluster that another lvol owns.',
  copies: [githubIssue('spdk/spdk', 3358), spdkCommit('16d862d038')],
  needs: 'discard, and a bystander volume on the same disks',
};
