import { expect, test } from '@playwright/test';
import { servesOnly } from '../../../helpers/longhorn/instance-manager.ts';
import type { InstanceManager } from '../../../helpers/longhorn/kinds.ts';
import type { Subject } from '../../../helpers/longhorn/subject.ts';

const subject = { name: 'vol' } as Subject;

function managerOf(engines: readonly string[], replicas: readonly string[]): InstanceManager {
  const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, {}]));
  const status = { instanceEngines: named(engines), instanceReplicas: named(replicas) };
  return { metadata: { name: 'manager' }, spec: { nodeID: 'node-1' }, status } as unknown as InstanceManager;
}

test('an instance manager with instances of the volume alone may be lost', () => {
  expect(servesOnly(managerOf(['vol-e-0'], ['vol-r-0a1b2c3d']), subject).state).toBe('met');
});

for (const other of ['other-r-0a1b2c3d', 'vol-2-r-0a1b2c3d', 'vol-e-data-e-0']) {
  test(`one that runs ${other} too may not`, () => {
    const { state, detail } = servesOnly(managerOf(['vol-e-0'], [other]), subject);
    expect(state).toBe('unmet');
    expect(detail).toContain(other);
  });
}
