/** Whether lvols can be looked at: the V2 instance managers' own tool. longhorn-instance-manager:package/Dockerfile@v1.11.3 */
import { readLvolTree } from '../lvol-tree.ts';
import type { Check } from './check.ts';

export const helperToolCheck: Check = {
  id: 'go-spdk-helper',
  name: 'lvols can be audited with go-spdk-helper',
  weight: 'advice',
  of: 'longhorn',
  async look({ client, longhornNamespace }) {
    const tree = await readLvolTree(client, longhornNamespace);
    if (tree.kind === 'read') {
      const disks = new Set(tree.lvols.map(({ lvstoreUuid }) => lvstoreUuid)).size;
      return { state: 'ok', seen: `${String(tree.lvols.length)} lvols seen on ${String(disks)} disks` };
    }
    const without = 'without it content is still compared, but chains are not';
    const remedy = tree.reason.includes('HTTP 403')
      ? `allow pods/exec in namespace ${longhornNamespace}; ${without}`
      : `see whether a V2 instance manager runs; ${without}`;
    const seen = tree.reason.replace(/^.*HTTP 403 Forbidden: /, 'not allowed: ');
    return { state: 'missing', seen, remedy: [remedy] };
  },
};
