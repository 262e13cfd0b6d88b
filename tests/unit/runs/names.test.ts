import { expect, test } from '@playwright/test';
import { Run, type RunParts } from '../../../fixtures/run.ts';
import { runOptionsSchema } from '../../../fixtures/run-options.ts';
import { scenarioNames } from '../../../fixtures/scenarios.ts';

/** Longhorn labels what belongs to a backing image with its name. kubernetes.io/docs/concepts/overview/working-with-objects/labels */
const longestLabel = 63;

test('the names that Longhorn makes labels of are short enough in every story of the longest run id', () => {
  const accepts = (length: number): boolean => runOptionsSchema.shape.runId.safeParse('a'.repeat(length)).success;
  const longest = Array.from({ length: longestLabel }, (_, length) => length).findLast(accepts) ?? 0;
  const runId = 'a'.repeat(longest);
  for (const scenario of scenarioNames()) {
    const plan = { scenario, image: { format: 'qcow2' } };
    const run = new Run({ options: { runId }, plan } as unknown as RunParts);
    expect(`${run.nameOf('bi')}-disk-2`.length, scenario).toBeLessThanOrEqual(longestLabel);
  }
});
