import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { LogTail } from '../../reports/log-tail.ts';
import { ProgressLine } from '../../reports/progress-line.ts';
import { history } from '../unit/verdict/histories.ts';

test('a log that grows byte by byte, also within a character, gives each event once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tail-'));
  const path = join(folder, 'events.jsonl');
  const tail = new LogTail(path);
  expect(tail.read()).toEqual([]);
  const lines = '{"type":"step","title":"Größe ✓","state":"started"}\nno event\n{"type":"run-finished"}\n{"type":"tor';
  const seen = [];
  for (const byte of Buffer.from(lines)) {
    await appendFile(path, Buffer.of(byte));
    seen.push(...tail.read());
  }
  expect(seen).toEqual([{ type: 'step', title: 'Größe ✓', state: 'started' }, { type: 'run-finished' }]);
  await rm(folder, { recursive: true });
});

test('the progress line counts passes against the plan', () => {
  const events = history({ longhornVersion: 'v1.8.0', lostImage: true, reads: 4 });
  const line = new ProgressLine();
  const until = (index: number): number => events.findIndex((event) => event.type === 'pass' && event.index === index);
  line.take(events.slice(0, until(1) + 1));
  expect(line.text()).toBe('pass 2/2 right');
  line.take(events.slice(until(1) + 1, until(3) + 1));
  expect(line.text()).toMatch(/^pass 4\/4 \d+ MiB wrong$/);
});
