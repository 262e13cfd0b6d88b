import { expect, test } from '@playwright/test';
import { Run, type RunParts } from '../../../fixtures/run.ts';
import { runOptionsSchema } from '../../../fixtures/run-options.ts';
import { scenarioNames } from '../../../fixtures/scenarios.ts';
import { firstImageName, secondImageSuffix } from '../../../fixtures/subject-volume.ts';
import { longestImageName } from '../../../helpers/longhorn/backing-image.ts';

function runOf(scenario: string, format: string, runId: string): Run {
  return new Run({ options: { runId }, plan: { scenario, image: { format } } } as unknown as RunParts);
}

function longestRunId(): string {
  const accepts = (length: number): boolean => runOptionsSchema.shape.runId.safeParse('a'.repeat(length)).success;
  return 'a'.repeat(Array.from({ length: 63 }, (_, length) => length).findLast(accepts) ?? 0);
}

test('images of every story have names of their own, which Longhorn leaves as they are, the second one’s too', () => {
  for (const runId of ['0123abcd', longestRunId()]) {
    const names = scenarioNames().flatMap((scenario) =>
      ['raw', 'qcow2'].map((format) => firstImageName(runOf(scenario, format, runId))),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(`${name}${secondImageSuffix}`.length, name).toBeLessThanOrEqual(longestImageName);
      expect(name).toMatch(/^test-bi-[0-9a-z-]+[0-9a-z]$/);
      expect(name, 'a sweeper reads whose it is').toContain(runId);
    }
  }
});
