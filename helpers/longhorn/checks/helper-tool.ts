/** Whether lvols can be looked at: the V2 instance managers' own tool. longhorn-instance-manager:package/Dockerfile@v1.11.3 */
import { readLvolTree } from '../lvol-tree.ts';
import type { Check } from './check.ts';

export const helperToolCheck: Check = {
  id: 'go-spdk-helper',
  name: 'lvols can be audited with go-spdk-helper',
  weight: 'advice',
  async look({ client, longhornNamespace }) {
    const tree = await readLvolTree(client, longhornNamespace);
    if (tree.kind === 'read') {
      const disks = new Set(tree.lvols.map(({ lvstoreUuid }) => lvstoreUuid)).size;
      return { state: 'ok', seen: `${String(tree.lvols.length)} lvols seen on ${String(disks)} disks` };
    }
    return {
      state: 'missing',
      seen: tree.reason,
      remedy: ['allow pods/exec in the Longhorn namespace; without it content is still compared, but chains are not'],
    };
  },
};
