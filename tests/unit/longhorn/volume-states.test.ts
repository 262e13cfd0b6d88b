import { expect, test } from '@playwright/test';
import { engines, replicas, volumes } from '../../../helpers/longhorn/kinds.ts';
import type { SubjectView } from '../../../helpers/longhorn/subject.ts';
import { givenUp, replenished, servedByAll } from '../../../helpers/longhorn/volume-states.ts';

const metadata = (name: string) => ({ name, namespace: 'longhorn-system', uid: name, resourceVersion: '1' });
const replica = (name: string, spec: { healthyAt?: string; failedAt?: string }) =>
  replicas.parse({ metadata: metadata(name), spec });
const healthyAt = '2026-01-01T00:00:00Z';
const failedAt = '2026-01-01T00:01:00Z';

function view(
  modes: Readonly<Record<string, string>>,
  robustness: string,
  more: SubjectView['replicas'] = [],
): SubjectView {
  return {
    volumes: [
      volumes.parse({ metadata: metadata('vol'), spec: { size: '1', numberOfReplicas: 2 }, status: { robustness } }),
    ],
    engines: [engines.parse({ metadata: metadata('vol-e'), spec: {}, status: { replicaModeMap: modes } })],
    replicas: [...Object.keys(modes).map((name) => replica(name, { healthyAt })), ...more],
  };
}
const both = { 'vol-r-a': 'RW', 'vol-r-b': 'RW' };
const kept = replica('vol-r-c', { healthyAt, failedAt });

test('a volume that all its replicas serve is replenished, one with a failed replica beside them is not', () => {
  expect(replenished(view(both, 'healthy')).state).toBe('met');
  expect(replenished(view(both, 'healthy', [kept])).state).toBe('pending');
  expect(servedByAll(view(both, 'healthy', [kept])).state).toBe('met');
  expect(givenUp(view(both, 'healthy', [kept])).map((given) => given.metadata.name)).toEqual(['vol-r-c']);
});

test('a replica that failed does not stand for one that serves, and one that never was healthy is not given up', () => {
  expect(servedByAll(view({ 'vol-r-a': 'RW' }, 'degraded', [kept])).state).toBe('pending');
  expect(servedByAll(view({ 'vol-r-a': 'RW' }, 'healthy', [kept])).state).toBe('pending');
  expect(servedByAll(view(both, 'healthy', [replica('vol-r-d', { failedAt })])).state).toBe('pending');
});
