import { expect, test } from '@playwright/test';
import {
  dataEnginePremise,
  misplacedReplicas,
  rebuiltElsewherePremise,
  separateDisksPremise,
} from '../../../helpers/longhorn/subject-premises.ts';
import type { SubjectView } from '../../../helpers/longhorn/subject.ts';
import { replay } from './recorded.ts';

/** A healthy volume with its engine and replicas, each of that data engine. */
function viewOf(dataEngine: string): SubjectView {
  let last: SubjectView | undefined;
  replay({ from: 'volume healthy', to: 'DELETE Replica', onView: (view) => (last = view) });
  if (last === undefined) throw new Error('the recording has no healthy volume');
  const { volumes, engines, replicas } = last;
  return {
    volumes: volumes.map((volume) => ({ ...volume, spec: { ...volume.spec, dataEngine } })),
    engines: engines.map((engine) => ({ ...engine, spec: { ...engine.spec, dataEngine } })),
    replicas: replicas.map((replica) => ({ ...replica, spec: { ...replica.spec, dataEngine } })),
  };
}

test('a volume runs on V2 only when its volume, engine and every replica say so', () => {
  const [v2, v1] = [viewOf('v2'), viewOf('v1')];
  expect(dataEnginePremise(v2).state).toBe('met');
  const mixed = [v1, { ...v2, volumes: v1.volumes }, { ...v2, engines: v1.engines }];
  const oneReplica = { ...v2, replicas: [...v2.replicas.slice(1), ...v1.replicas.slice(0, 1)] };
  for (const view of [...mixed, oneReplica]) {
    expect(dataEnginePremise(view)).toMatchObject({ state: 'unmet', detail: expect.stringMatching(/ says v1/) });
  }
});

const on = (replica: string, diskUuid: string) => ({ replica, nodeId: 'node-1', diskUuid });

test('two replicas on one disk are no replicas for a verdict, also on one node with several disks', () => {
  expect(separateDisksPremise([on('a', 'd1'), on('b', 'd2')]).state).toBe('met');
  const shared = separateDisksPremise([on('a', 'd1'), on('b', 'd2'), on('c', 'd1')]);
  expect(shared).toMatchObject({ state: 'unmet', detail: expect.stringContaining('longhorn/longhorn#10340') });
});

test('a rebuild onto the disk of any of its sources proves nothing, and both are named', () => {
  const sources = [on('a', 'd1'), on('b', 'd2')];
  expect(rebuiltElsewherePremise({ rebuilt: on('c', 'd3'), sources }).state).toBe('met');
  const shared = rebuiltElsewherePremise({ rebuilt: on('c', 'd2'), sources });
  expect(shared).toMatchObject({ state: 'unmet', detail: expect.stringMatching(/^c and b are on the same disk/) });
});

test('a replica whose object names a disk of another node is told, with what the disk is; an unknown disk is not', () => {
  const disk = {
    node: 'node-2',
    uuid: 'd2',
    name: 'block-disk',
    key: 'block-disk',
    type: 'block',
    unusable: undefined,
  } as const;
  const disks = [{ ...disk, node: 'node-1', uuid: 'd1' }, disk];
  expect(misplacedReplicas([on('a', 'd1'), on('b', 'd3')], disks)).toEqual([]);
  expect(misplacedReplicas([on('a', 'd2')], disks)).toEqual([
    {
      problem: 'disk-of-another-node',
      replica: 'a',
      diskUuid: 'd2',
      detail: 'a has nodeID node-1 and diskID d2, which is block-disk of node-2',
    },
  ]);
});
