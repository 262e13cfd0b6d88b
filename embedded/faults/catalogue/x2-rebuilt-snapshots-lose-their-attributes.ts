import type { RunnableFault } from '../fault.ts';
import { rebuildParameter, struckRebuilds } from '../rebuilds.ts';

const others: Readonly<Record<string, string>> = {
  user_created: 'false',
  snapshot_timestamp: '1970-01-01T00:00:00Z',
};

export const rebuiltSnapshotsLoseTheirAttributes: RunnableFault = {
  kind: 'fault',
  id: 'X2',
  name: 'rebuilt snapshots lose their attributes',
  model:
    'Snapshots of a rebuilt replica say otherwise when they were taken, or that no user took them: a later rebuild takes them for others, a purge deletes them there.',
  copies: [],
  scenarios: ['snapshots-and-revert'],
  parameters: {
    attribute: {
      kind: 'choice',
      default: 'snapshot_timestamp',
      choices: Object.keys(others),
      text: 'which attribute is another one',
    },
    rebuild: rebuildParameter,
  },
  expected: { findings: ['naming', 'snapshot-cr', 'content'], wrongBytes: [], replica: 'rebuilt' },
  neededChecks: ['audit'],
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    const attribute = parameters.choice('attribute');
    const other = others[attribute] ?? '';
    return {
      rebuildStep(step, { destinationReplica, destinationStore }) {
        if (step !== 'destination-cleanup' || !strikes(destinationReplica)) return 'run';
        for (const lvol of destinationStore.lvols()) {
          const own = lvol.name.startsWith(`${destinationReplica}-snap-`) ? lvol.xattrs.get(attribute) : undefined;
          if (own === undefined || own === other) continue;
          lvol.xattrs.set(attribute, other);
          liveness.note('state', `${lvol.name} has ${attribute} ${other} instead of ${own}`);
        }
        return 'run';
      },
    };
  },
};
