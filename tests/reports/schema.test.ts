import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { combine } from '../../helpers/verdict/combine.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import { runVerdictSchema, verdictJsonSchema, verdictSchema } from '../../helpers/verdict/schema.ts';
import { history, withEvent, without } from '../unit/verdict/histories.ts';

const schemaPath = new URL('../../reports/verdict.schema.json', import.meta.url);

test('reports/verdict.schema.json is what the code says', async ({}, testInfo) => {
  const current = JSON.parse(JSON.stringify(verdictJsonSchema())) as unknown;
  // Written by `npx playwright test --project=reports --update-snapshots`.
  const update = testInfo.config.updateSnapshots;
  if (update === 'all' || update === 'changed') {
    await writeFile(schemaPath, `${JSON.stringify(current, null, 2)}\n`);
  }
  expect(JSON.parse(await readFile(schemaPath, 'utf8'))).toEqual(current);
});

test('every field of a verdict is described', () => {
  const { properties } = verdictJsonSchema() as { properties: Record<string, { description?: string }> };
  const silent = Object.entries(properties).filter(([, { description }]) => description === undefined);
  expect(silent.map(([name]) => name)).toEqual([]);
});

const logs = {
  'a sound run': history(),
  'a broken run': history({ longhornVersion: 'v1.8.0', lostImage: true }),
  'a run without a rebuild': without(history(), ({ type }) => type === 'rebuild-proven'),
  'a run with every kind of note': withEvent(
    withEvent(history(), { type: 'undo', what: 'setting', outcome: 'failed', detail: 'conflict' }),
    { type: 'cross-check', tool: 'dd', state: 'skipped', detail: 'not in the image' },
  ),
  'an empty log': [],
};

for (const [name, events] of Object.entries(logs)) {
  test(`the verdict on ${name} fits its schema and survives JSON`, () => {
    const verdict = judge(events);
    expect(verdictSchema.parse(JSON.parse(JSON.stringify(verdict)))).toEqual(verdict);
    expect(runVerdictSchema.safeParse(combine([verdict])).success).toBe(true);
  });
}
