import { expect, test } from '@playwright/test';
import { beginNote, outcomeLine, readNote, sawLonghornWork, storyLine } from '../../../fixtures/bundle-note.ts';
import type { RunEvent } from '../../../helpers/verdict/events.ts';

const begun = beginNote({ signature: 'inconsistent\ncontent: zeros for image-data', story: 'raw', runId: '1f2e' });

test('a note tells every story that failed in the same way, whichever came while the bundle was collected', () => {
  const note = begun + storyLine('qcow2') + outcomeLine('none: theirs is there') + storyLine('bystander-volume-raw');
  expect(readNote(note)).toEqual({
    stories: ['raw', 'qcow2', 'bystander-volume-raw'],
    outcome: 'none: theirs is there',
  });
});

test('a note of a run that was ended meanwhile has no outcome', () => {
  expect(readNote(begun)).toEqual({ stories: ['raw'], outcome: undefined });
});

test('a run that ends at a premise, though it had a plan, has nothing of Longhorn to look for', () => {
  const moment = { tMs: 0, at: '2026-01-01T00:00:00.000Z' };
  const ended: readonly RunEvent[] = [
    { ...moment, type: 'premise', name: 'the V2 data engine is enabled', state: 'unmet', detail: 'it is absent' },
    // What the client tells of a broken connection.
    { ...moment, type: 'observed', kind: 'Event', name: 'api', summary: { reason: 'Retried' } },
    { ...moment, type: 'run-finished' },
  ];
  expect(sawLonghornWork(ended)).toBe(false);
  const image: RunEvent = { ...moment, type: 'observed', kind: 'BackingImage', name: 'test-bi-1f2e-raw', summary: {} };
  expect(sawLonghornWork([image, ...ended])).toBe(true);
});
