import type { SnapshotInfo } from '../../dataplane/contract.ts';
import type { RunnableFault } from '../fault.ts';

const lies: Readonly<Record<string, (snapshot: SnapshotInfo) => Partial<SnapshotInfo>>> = {
  size: ({ sizeBytes }) => ({ sizeBytes: 2 * sizeBytes }),
  children: ({ children }) => ({ children: children.filter((child) => child === 'volume-head') }),
  time: () => ({ creationTime: '1970-01-01T00:00:00Z' }),
};

export const snapshotObjectsLie: RunnableFault = {
  kind: 'fault',
  id: 'X5',
  name: 'snapshot objects lie',
  model:
    'An engine tells otherwise than its replicas have it how large a snapshot is, what hangs on it, or when it was taken.',
  copies: [],
  scenarios: ['snapshots-and-revert'],
  parameters: {
    about: { kind: 'choice', default: 'size', choices: Object.keys(lies), text: 'what it does not tell rightly' },
  },
  expected: { findings: ['snapshot-cr'], wrongBytes: [], replica: 'none' },
  neededChecks: ['audit'],
  hooks({ parameters, liveness }) {
    const about = parameters.choice('about');
    return {
      reportedSnapshot({ engineName, snapshot }) {
        const told = { ...snapshot, ...lies[about]?.(snapshot) };
        const truth = JSON.stringify(snapshot);
        if (JSON.stringify(told) !== truth) {
          liveness.note('state', `${engineName} tells ${JSON.stringify(told)} instead of ${truth}`);
        }
        return told;
      },
    };
  },
};
