import type { RunnableFault } from '../fault.ts';

export const snapshotDeletedOnOneReplica: RunnableFault = {
  kind: 'fault',
  id: 'X6',
  name: 'snapshot deleted on one replica',
  model: 'A snapshot is deleted on the first replica and stays on the others, which the engine no longer tells of.',
  copies: [],
  scenarios: ['snapshots-and-revert'],
  parameters: {},
  expected: { findings: ['naming', 'snapshot-cr'], wrongBytes: [], replica: 'one' },
  neededChecks: ['audit'],
  hooks({ liveness }) {
    return {
      deletesSnapshot({ replica, snapshotName, replicas }) {
        if (replica === replicas[0]) return true;
        liveness.note('name', `${replica} keeps snapshot ${snapshotName}, which ${replicas[0] ?? ''} has deleted`);
        return false;
      },
    };
  },
};
