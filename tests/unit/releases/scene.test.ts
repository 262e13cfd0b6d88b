import { expect, test } from '@playwright/test';
import type { RunEvent } from '../../../helpers/verdict/events.ts';
import { sceneText } from '../../../reports/scene.ts';
import { history, withEvent } from '../verdict/histories.ts';

function topologyOf(events: readonly RunEvent[]): Extract<RunEvent, { type: 'topology' }> {
  const found = events.find((event) => event.type === 'topology');
  if (found === undefined) throw new Error('the history has a topology');
  return found;
}

test('a kept scene names volume, engine, replicas and what is kept, and how to remove it', () => {
  const events = withEvent(history(), { type: 'undo', what: 'Pod probe-first-1', outcome: 'kept' });
  const options = { runId: 'run1', namespace: 'mine', longhornNamespace: 'lh', kubeconfigPath: '/k', context: 'c' };
  const text = sceneText(events, options);
  const topology = events.filter((event) => event.type === 'topology').at(-1);
  const rebuilt = events.find((event) => event.type === 'rebuild-proven')?.rebuilt.replica ?? 'none';
  for (const { replica } of topology?.replicas ?? []) expect(text).toContain(replica);
  expect(text).toContain(rebuilt);
  expect(text).toContain('- Pod probe-first-1');
  expect(text).toContain('exec probe-first-1 -- dd if=/dev/v2-verifier bs=1M skip=0 count=1 iflag=direct');
  const detail = 'the device is an NBD export, which dd cannot open';
  const skipped = { type: 'cross-check', tool: 'dd iflag=direct | sha256sum', state: 'skipped', detail } as const;
  const closed = sceneText(withEvent(events, skipped), options);
  expect(closed).not.toContain('-- dd if=');
  expect(closed).toContain(`cannot be read by hand: ${detail}.`);
  const beside = withEvent(events, { ...topologyOf(events), volume: 'other', phase: 'bystander' });
  const both = sceneText(beside, options);
  expect(both).toContain(`Volume \`${topology?.volume ?? ''}\``);
  expect(both).toContain('Volume `other`');
  expect(both).toContain(`-l 'longhornvolume in (${topology?.volume ?? ''},other)'`);
  expect(text).toContain('npm run sweep -- --kubeconfig /k --context c --run run1');
});
