import { expect, test } from '@playwright/test';
import { judge } from '../../../helpers/verdict/judge.ts';
import { failureSignature } from '../../../helpers/verdict/signature.ts';
import type { Verdict } from '../../../helpers/verdict/verdict.ts';
import { history } from './histories.ts';

const base = judge(history());

function inconclusive(...causes: string[]): Verdict {
  return { ...base, verdict: 'inconclusive', causes };
}

function leftBehind(replica: string, problem = 'left-behind'): Verdict {
  const placed = { replica, nodeId: 'node1', diskUuid: null, diskName: null };
  const common = { title: `${replica} left something`, evidence: [], citations: [], phases: ['attached'] };
  return { ...base, verdict: 'inconsistent', findings: [{ kind: 'left-behind', ...common, problem, replica: placed }] };
}

test('stories that fail in the same way have one signature, whatever their objects are called', () => {
  expect(failureSignature(leftBehind('pvc-1-r-0a1b2c3d'))).toBe(failureSignature(leftBehind('pvc-2-r-4e5f6a7b')));
  const lost = (id: string): Verdict => inconclusive(`pass 3 of replica pvc-${id}-r-0a1b2c3d was lost after 12 s`);
  expect(failureSignature(lost('1f0c'))).toBe(failureSignature(lost('92ab')));
});

test('other symptoms, other causes and another verdict are other signatures', () => {
  const all = [
    leftBehind('r'),
    leftBehind('r', 'chain-lacks-backing-image'),
    inconclusive('the API was lost'),
    inconclusive('no disk'),
  ];
  expect(new Set(all.map(failureSignature)).size).toBe(all.length);
});
