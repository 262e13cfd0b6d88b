import { clusterBytes } from '../clusters.ts';
import { commit, longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { JoiningReplicas } from '../joining.ts';
import { bytesBefore, noteWritten } from '../writes.ts';

export const failedWriteUnnoticed: RunnableFault = {
  kind: 'fault',
  id: 'FM32',
  name: 'failed replica not marked ERR',
  model: 'A write fails on one replica, the host is told that it succeeded, and the replica stays RW.',
  copies: [longhorn(6472), commit('openebs/mayastor', '141a5fb0')],
  scenarios: ['writes-during-rebuild'],
  parameters: {
    when: {
      kind: 'choice',
      default: 'rebuild',
      choices: ['count', 'rebuild'],
      text: 'some writes by their count, or every one to a cluster that went bad during a rebuild',
    },
    slot: { kind: 'integer', default: 0, min: 0, max: 19, text: 'slot of the replica in the raid' },
    from: { kind: 'integer', default: 2, min: 1, max: 1_000_000, text: 'by count: the first write that fails' },
    writes: { kind: 'integer', default: 4, min: 1, max: 1_000_000, text: 'by count: how many fail in a row' },
  },
  expected: {
    findings: ['content', 'passes-disagree'],
    wrongBytes: ['parent-shows-through', 'zeros', 'older-generation'],
    replica: 'one',
  },
  hooks({ parameters, liveness }) {
    const joining = new JoiningReplicas();
    let writes = 0;
    let badCluster: number | undefined;
    const byCount = (): boolean => {
      writes += 1;
      const from = parameters.integer('from');
      return writes >= from && writes < from + parameters.integer('writes');
    };
    const byPlace = (offset: number): boolean => {
      const cluster = Math.floor(offset / clusterBytes);
      if (joining.any) badCluster ??= cluster;
      return cluster === badCluster;
    };
    return {
      event(event) {
        joining.observe(event);
      },
      baseBdevWrite(request) {
        if (request.slot !== parameters.integer('slot')) return { kind: 'apply' };
        const fails = parameters.choice('when') === 'count' ? byCount() : byPlace(request.offset);
        if (!fails) return { kind: 'apply' };
        noteWritten(liveness, request, bytesBefore(request));
        return { kind: 'fail-unnoticed' };
      },
    };
  },
};
