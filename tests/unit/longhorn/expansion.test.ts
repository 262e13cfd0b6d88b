import { expect, test } from '@playwright/test';
import { expanded, expansionPremise } from '../../../helpers/longhorn/expansion.ts';
import { engines, volumes } from '../../../helpers/longhorn/kinds.ts';

const metadata = { name: 'vol', namespace: 'longhorn-system', uid: 'u', resourceVersion: '1' };
const view = (size: string, currentSize: string, expansionRequired: boolean, error = '') => ({
  volumes: [
    volumes.parse({ metadata, spec: { size, numberOfReplicas: 2 }, status: { state: 'attached', expansionRequired } }),
  ],
  engines: [engines.parse({ metadata, spec: {}, status: { currentSize, lastExpansionError: error } })],
  replicas: [],
});

test('V2 volumes are expanded since 1.10.0', () => {
  const states = ['1.8.0', '1.9.2', '1.10.0', '1.11.3', '1.12.1'].map((version) => expansionPremise(version).state);
  expect(states).toEqual(['unmet', 'unmet', 'met', 'met', 'met']);
  expect(expansionPremise('1.9.2').detail).toBe('it does since 1.10.0; this is 1.9.2');
});

test('an expansion has ended when the engine has the size and the volume needs no more of it', () => {
  expect(expanded(view('40', '40', false), '40').state).toBe('met');
  for (const early of [view('30', '30', false), view('40', '30', true), view('40', '40', true)]) {
    expect(expanded(early, '40').state).toBe('pending');
  }
});

test('an expansion that does not come to an end says why', () => {
  const seen = expanded(view('40', '30', true, 'all replicas failed to expand'), '40');
  expect(seen).toMatchObject({ state: 'pending' });
  expect(JSON.stringify(seen)).toContain('all replicas failed to expand');
});
