/** When a revert may begin, when it has happened, and when one replica alone serves again. */
import { expect, test } from '@playwright/test';
import { engines, replicas, volumes } from '../../../helpers/longhorn/kinds.ts';
import { bareOn, headOn, servedBy } from '../../../helpers/longhorn/snapshots.ts';
import type { SubjectView } from '../../../helpers/longhorn/subject.ts';

interface Moment {
  readonly state?: string;
  readonly node?: string;
  readonly frontendDisabled?: boolean;
  readonly endpoint?: string;
  /** Of 1.12 and newer. */
  readonly engineNode?: string;
  readonly modes?: Readonly<Record<string, string>> | null;
  readonly objects?: readonly string[];
  readonly headParent?: string;
}

const meta = (name: string) => ({ name, namespace: 'longhorn-system', uid: name, resourceVersion: '1' });

function view(moment: Moment = {}): SubjectView {
  const { state = 'attached', node = 'node1', frontendDisabled = true, endpoint = '', headParent, engineNode } = moment;
  const { modes = { a: 'RW', b: 'RW' }, objects = ['a', 'b'] } = moment;
  const snapshots = headParent === undefined ? null : { 'volume-head': { name: 'volume-head', parent: headParent } };
  return {
    volumes: [
      volumes.parse({
        metadata: meta('vol'),
        spec: { size: '1', numberOfReplicas: 2, dataEngine: 'v2' },
        status: {
          state,
          currentNodeID: node,
          frontendDisabled,
          ...(engineNode === undefined ? {} : { currentEngineNodeID: engineNode }),
        },
      }),
    ],
    engines: [
      engines.parse({ metadata: meta('vol-e-0'), spec: {}, status: { endpoint, replicaModeMap: modes, snapshots } }),
    ],
    replicas: objects.map((name) => replicas.parse({ metadata: meta(name), spec: {} })),
  };
}

test('a revert may begin when the volume is attached without a device and every replica serves', () => {
  expect(bareOn(view(), 'node1').state).toBe('met');
  expect(bareOn(view({ modes: { a: 'RW' }, objects: ['a'] }), 'node1').state).toBe('met');
});

const tooEarly: readonly { what: string; moment: Moment }[] = [
  { what: 'while it is attaching', moment: { state: 'attaching' } },
  { what: 'on another node', moment: { node: 'node2' } },
  { what: 'with its frontend', moment: { frontendDisabled: false } },
  { what: 'while the engine still has a device', moment: { endpoint: '/dev/longhorn/vol' } },
  { what: 'before the engine was looked at', moment: { modes: null } },
  { what: 'while a replica is not counted by the engine', moment: { modes: { a: 'RW' } } },
  { what: 'while a replica is rebuilt', moment: { modes: { a: 'RW', b: 'WO' } } },
];

for (const { what, moment } of tooEarly) {
  test(`a revert may not begin ${what}`, () => {
    expect(bareOn(view(moment), 'node1').state).toBe('pending');
  });
}

test('a revert has happened when the engine shows the snapshot as the parent of the head, and not before', () => {
  expect(headOn(view({ headParent: 's1' }), 's1').state).toBe('met');
  for (const moment of [{}, { headParent: '' }, { headParent: 's2' }]) {
    expect(headOn(view(moment), 's1').state).toBe('pending');
  }
});

test('one replica alone serves when it is RW, no other is known to the engine, and the device is there', () => {
  const wanted = { node: 'node1', replica: 'a' };
  const alone = { endpoint: '/dev/longhorn/vol', modes: { a: 'RW' }, objects: ['a'] };
  expect(servedBy(view(alone), wanted).state).toBe('met');
  for (const other of [
    { modes: { a: 'RW', b: 'RW' } },
    { modes: { b: 'RW' } },
    { modes: { a: 'WO' } },
    { endpoint: '' },
  ]) {
    expect(servedBy(view({ ...alone, ...other }), wanted).state).toBe('pending');
  }
});

test('from 1.12 on the engine has no device: attached with a frontend says that it is there', () => {
  const wanted = { node: 'node1', replica: 'a' };
  const alone = { frontendDisabled: false, engineNode: 'node1', modes: { a: 'RW' }, objects: ['a'] };
  expect(servedBy(view(alone), wanted).state).toBe('met');
  expect(servedBy(view({ ...alone, engineNode: '' }), wanted).state).toBe('met');
  for (const other of [{ frontendDisabled: true }, { state: 'attaching' }, { node: 'node2' }, { modes: null }]) {
    expect(servedBy(view({ ...alone, ...other }), wanted).state).toBe('pending');
  }
});
