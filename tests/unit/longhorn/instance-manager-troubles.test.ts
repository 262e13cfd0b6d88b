import { expect, test } from '@playwright/test';
import { events } from '../../../helpers/kubernetes/core-kinds.ts';
import { instanceManagerTroubles } from '../../../helpers/longhorn/instance-manager-troubles.ts';
import { instanceManagers } from '../../../helpers/longhorn/kinds.ts';

const manager = (name: string, nodeID: string, currentState: string, dataEngine = 'v2') =>
  instanceManagers.parse({
    metadata: { name, uid: name, resourceVersion: '1' },
    ...{ spec: { nodeID, dataEngine, image: 'im:v1.8.1' }, status: { currentState } },
  });

let version = 100;
const warning = (podName: string, reason: string, message: string, type = 'Warning') => {
  version += 1;
  const metadata = { name: `e${String(version)}`, uid: `e${String(version)}`, resourceVersion: String(version) };
  return events.parse({ metadata, involvedObject: { kind: 'Pod', name: podName }, reason, message, type });
};

test('a manager whose pod the kubelet refuses is named with its node, its state and the last warning', () => {
  const refused = "Node didn't have enough resource: cpu, requested: 1250, used: 1190, capacity: 2000";
  const seen = [
    warning('im-a', 'FailedMount', 'an earlier one'),
    warning('im-a', 'OutOfcpu', refused),
    warning('im-a', 'Scheduled', 'no warning', 'Normal'),
    warning('im-b', 'Unhealthy', 'of one that runs'),
  ];
  const managers = [
    manager('im-a', 'node-1', 'error'),
    manager('im-b', 'node-2', 'running'),
    manager('im-c', 'node-3', 'starting'),
    manager('im-v1', 'node-3', 'error', 'v1'),
  ];
  const expected = [`node-1: error, OutOfcpu: ${refused}`, 'node-3: starting'];
  expect(instanceManagerTroubles(managers, seen)).toEqual(expected);
  expect(instanceManagerTroubles(managers, [...seen].reverse()), 'in whatever order a list has them').toEqual(expected);
});
