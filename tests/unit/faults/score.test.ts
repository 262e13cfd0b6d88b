import { expect, test } from '@playwright/test';
import { catalogue } from '../../../embedded/faults/catalogue/index.ts';
import type { Control, RunnableFault } from '../../../embedded/faults/fault.ts';
import { judge } from '../../../helpers/verdict/judge.ts';
import type { Finding, Verdict } from '../../../helpers/verdict/verdict.ts';
import { score, type FaultLiveness } from '../../../scripts/faults/score.ts';

const rebuilt = { replica: 'vol-r-c', nodeId: 'n3', diskUuid: 'd3', diskName: null };
const blank = judge([]);
const verdictOf = (verdict: Verdict['verdict'], findings: Finding[] = []): Verdict => ({
  ...blank,
  verdict,
  findings,
  rebuild: { removed: 'vol-r-a', rebuilt, sources: [], evidence: [], durationMs: null },
});
const live: FaultLiveness = { fault: '', parameters: '', differences: 1, examples: [], changed: [] };
const dead: FaultLiveness = { ...live, differences: 0 };

const content = (wrongByteKind: 'zeros' | 'garbage', blamed: typeof rebuilt | null): Finding => ({
  kind: 'content',
  title: 'bytes',
  evidence: [],
  citations: [],
  phase: 'isolated',
  content: 'written',
  passes: [0],
  replicas: ['vol-r-c'],
  blamed,
  wrongMibs: [1],
  wrongBytes: 512,
  blocks: [],
  rangeClasses: {},
  wrongByteKinds: { [wrongByteKind]: 512 },
  complete: true,
});

function known(id: string): RunnableFault | Control {
  const fault = catalogue.find((candidate) => candidate.id === id);
  if (fault === undefined || fault.kind === 'unreached') throw new Error(`${id} cannot be run`);
  return fault;
}
const outcome = (id: string, verdict: Verdict | undefined, liveness: FaultLiveness | undefined): string =>
  score({ fault: known(id), verdict, liveness, ended: 'exit code 1' }).outcome;

test('a live fault is caught by a finding of the expected kind with expected bytes, and by no other', () => {
  expect(outcome('FM01', verdictOf('inconsistent', [content('zeros', rebuilt)]), live)).toBe('caught');
  expect(outcome('FM01', verdictOf('inconsistent', [content('garbage', rebuilt)]), live)).toBe('caught-otherwise');
  expect(outcome('FM15', verdictOf('inconsistent', [content('zeros', rebuilt)]), live)).toBe('caught-otherwise');
});

test('consistent in spite of a live fault is a survivor; without a difference it says nothing', () => {
  expect(outcome('FM01', verdictOf('consistent'), live)).toBe('survived');
  expect(outcome('FM01', verdictOf('consistent'), dead)).toBe('equivalent');
  expect(outcome('FM01', verdictOf('consistent'), undefined)).toBe('equivalent');
});

test('inconclusive is neither caught nor survived, and no verdict is no result', () => {
  expect(outcome('FM01', verdictOf('inconclusive'), live)).toBe('unclear');
  expect(outcome('FM01', undefined, live)).toBe('no-result');
});

test('a finding without any difference is not the fault’s', () => {
  expect(outcome('FM01', verdictOf('inconsistent', [content('zeros', rebuilt)]), dead)).toBe('no-result');
});

test('any other word than consistent about a control is a false alarm', () => {
  expect(outcome('N7', verdictOf('consistent'), live)).toBe('silent');
  expect(outcome('N7', verdictOf('consistent'), dead)).toBe('equivalent');
  expect(outcome('N7', verdictOf('inconclusive'), live)).toBe('false-alarm');
  expect(outcome('N7', verdictOf('inconsistent', [content('zeros', null)]), live)).toBe('false-alarm');
});

const scoreOf = (id: string, finding: Finding, changed: FaultLiveness['changed'] = []) =>
  score({ fault: known(id), verdict: verdictOf('inconsistent', [finding]), liveness: { ...live, changed }, ended: '' });

test('whether the rebuilt replica is named counts separately', () => {
  expect(scoreOf('FM01', content('zeros', rebuilt)).blamed).toBe('right');
  expect(scoreOf('FM01', content('zeros', null)).blamed).toBe('nobody');
  expect(scoreOf('FM01', content('zeros', { ...rebuilt, replica: 'vol-r-a' })).blamed).toBe('another');
});

test('where one replica is struck, that one must be named; where all are, none', () => {
  const changed = [{ replica: 'vol-r-c', mibs: [1] }];
  expect(scoreOf('FM05', content('garbage', rebuilt), changed).blamed).toBe('right');
  expect(scoreOf('FM05', content('garbage', { ...rebuilt, replica: 'vol-r-b' }), changed).blamed).toBe('another');
  expect(scoreOf('FM50', content('zeros', rebuilt), changed).blamed).toBe('not-expected');
});

test('a finding that names a MiB which nothing has changed is in the wrong place', () => {
  const located = (mibs: readonly number[]): string =>
    scoreOf('FM01', content('zeros', rebuilt), [{ replica: 'vol-r-c', mibs: [...mibs] }]).located;
  expect(located([0, 1])).toBe('right');
  expect(located([0, 2])).toBe('elsewhere');
  expect(located([])).toBe('not-expected');
});
