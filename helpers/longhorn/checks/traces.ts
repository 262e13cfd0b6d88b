/** What other runs left, and whether one is at work now. */
import { findLeftovers } from '../leftovers.ts';
import { looksAlive, readHolder } from '../lock/holder.ts';
import type { Check } from './check.ts';

const shownAtMost = 5;

/** For the commands of this project, where Longhorn is not where it usually is. */
function namespaceFlag(longhornNamespace: string): string {
  return longhornNamespace === 'longhorn-system' ? '' : ` --longhorn-namespace ${longhornNamespace}`;
}

export const leftoverCheck: Check = {
  id: 'leftovers',
  name: 'nothing is left of earlier runs',
  weight: 'verdict',
  async look({ client, longhornNamespace, runId, reach }) {
    const holder = await readHolder(client, longhornNamespace);
    const found = await findLeftovers(client, { exceptRunId: runId });
    const running = holder !== undefined && looksAlive(holder) ? holder.runId : undefined;
    const leftovers = found.filter((owned) => owned.runId !== running);
    if (leftovers.length === 0) {
      const of =
        running === undefined || running === runId
          ? 'another run'
          : `another run than ${running}, which holds the lock`;
      return { state: 'ok', seen: `no object carries the label of ${of}` };
    }
    const shown = leftovers.slice(0, shownAtMost).map((owned) => `${owned.toString()} of run ${owned.runId}`);
    const more = leftovers.length > shownAtMost ? ` and ${String(leftovers.length - shownAtMost)} more` : '';
    return {
      state: 'missing',
      seen: `${String(leftovers.length)} object${leftovers.length === 1 ? ' is' : 's are'}: ${shown.join(', ')}${more}`,
      remedy: [`npm run sweep -- ${reach.flags}${namespaceFlag(longhornNamespace)}`],
    };
  },
};

export const lockCheck: Check = {
  id: 'lock',
  name: 'no other run holds the cluster',
  weight: 'advice',
  async look({ client, longhornNamespace, runId, reach }) {
    const holder = await readHolder(client, longhornNamespace);
    if (holder === undefined || holder.runId === runId) return { state: 'ok', seen: 'no other run holds its lock' };
    const sweep = `npm run sweep -- ${reach.flags}${namespaceFlag(longhornNamespace)}`;
    if (holder.processes === 'gone') {
      const seen = `run ${holder.runId} on this machine holds the lock, and none of its processes is left`;
      return { state: 'missing', seen, remedy: [sweep] };
    }
    return {
      state: 'missing',
      seen: `run ${holder.runId} on ${holder.host} holds the lock, last renewed ${holder.renewTime}`,
      remedy: ['wait for it: verify does, up to --lock-timeout', `if it was killed: ${sweep}`],
    };
  },
};
