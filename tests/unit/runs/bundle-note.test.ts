import { expect, test } from '@playwright/test';
import { beginNote, outcomeLine, readNote, storyLine } from '../../../fixtures/bundle-note.ts';

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
