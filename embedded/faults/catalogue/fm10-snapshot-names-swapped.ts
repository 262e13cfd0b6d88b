import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { rebuildParameter, struckRebuilds } from '../rebuilds.ts';

export const snapshotNamesSwapped: RunnableFault = {
  kind: 'fault',
  id: 'FM10',
  name: 'snapshot names swapped',
  model: "Two rebuilt snapshots carry one another's name: the head is right, a revert is not.",
  copies: [longhorn(4513), longhorn(13386)],
  // The names show in any chain of two; what they stand for shows where snapshots are read.
  scenarios: ['ha-simple-recovery-with-backing-image', 'snapshots-and-revert'],
  parameters: { rebuild: rebuildParameter },
  // From 1.10.2 on the purge merges the snapshots of rebuilds into the head before anybody can compare them.
  settings: { 'auto-cleanup-system-generated-snapshot': 'false' },
  expected: {
    findings: ['naming', 'content'],
    wrongBytes: ['older-generation', 'other-offset', 'garbage', 'parent-shows-through', 'zeros'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    return {
      rebuildStep(step, { destinationReplica, destinationStore }) {
        if (step !== 'destination-cleanup' || !strikes(destinationReplica)) return 'run';
        const prefix = `${destinationReplica}-snap-`;
        const [first, second] = destinationStore.lvols().filter(({ name }) => name.startsWith(prefix));
        if (first === undefined || second === undefined) return 'run';
        const [one, other] = [first.name, second.name];
        destinationStore.rename(first, `${prefix}swapped`);
        destinationStore.rename(second, one);
        destinationStore.rename(first, other);
        liveness.note('name', `${one} and ${other} have exchanged their names`);
        return 'run';
      },
    };
  },
  neededChecks: ['audit'],
};
