/** A run as the scenario leaves it, without a cluster: writes the events of a history and ends as its verdict says. */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from '@playwright/test';
import type { RunEvent } from '../../../helpers/verdict/events.ts';
import { failStepSoftly } from '../../../fixtures/soft-failure.ts';
import { judge } from '../../../helpers/verdict/judge.ts';
import { drawEvidence } from '../../../reports/drawings/evidence.ts';
import { history } from '../../unit/verdict/histories.ts';

const runDir = process.env['SAMPLE_RUN_DIR'] ?? '';

for (const image of ['raw', 'qcow2'] as const) {
  test(`a volume from a ${image} image stays what it was across a replica rebuild`, async ({}, testInfo) => {
    const lostImage = image === 'raw';
    const events = history({ longhornVersion: 'v1.8.0', lostImage }).map((event): RunEvent =>
      event.type === 'run-started' ? { ...event, image } : event,
    );
    await write(image, events);
    for (const { name, svg } of drawEvidence(events)) {
      await testInfo.attach(name, { body: svg, contentType: 'image/svg+xml' });
    }
    const verdict = judge(events);
    if (verdict.exitCode !== 0) throw new Error(`${verdict.verdict}: ${verdict.headline}`);
  });
}

test('a volume that cannot be had is skipped', () => {
  test.skip(true, 'premise: no V2 data engine');
});

/** Event by event, inside the steps that the log names, as a run does. */
async function write(image: string, events: readonly RunEvent[]): Promise<void> {
  const dir = join(runDir, image);
  await mkdir(dir, { recursive: true });
  const remaining = [...events];
  const writeUntil = async (done: (event: RunEvent) => boolean): Promise<void> => {
    for (let event = remaining.shift(); event !== undefined; event = remaining.shift()) {
      await appendFile(join(dir, 'events.jsonl'), `${JSON.stringify(event)}\n`);
      failStepSoftly(event);
      if (done(event)) return;
    }
  };
  while (remaining.length > 0) {
    let title: string | undefined;
    await writeUntil((event) => {
      if (event.type === 'step' && event.state === 'started') title = event.title;
      return title !== undefined;
    });
    if (title !== undefined) await test.step(title, () => writeUntil(({ type }) => type === 'step'));
  }
}
