import { expect, test } from '@playwright/test';
import { UndoStack, type UndoEntry, type UndoReport } from '../../../helpers/kubernetes/undo.ts';

function recorder(): {
  stack: UndoStack;
  reports: UndoReport[];
  done: string[];
  entry: (what: string, change?: Partial<UndoEntry>) => void;
} {
  const reports: UndoReport[] = [];
  const done: string[] = [];
  const stack = new UndoStack((report) => reports.push(report));
  const entry = (what: string, change: Partial<UndoEntry> = {}): void => {
    stack.push({
      what,
      scene: 'part',
      undo: () => {
        done.push(what);
        return Promise.resolve();
      },
      ...change,
    });
  };
  return { stack, reports, done, entry };
}

test('the last is undone first, and each only after the one before it', async () => {
  const { stack, done, entry } = recorder();
  entry('namespace');
  entry('pod', {
    undo: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done.push('pod');
    },
  });
  await stack.undoAll({ timeoutMs: 1_000, keep: 'nothing' });
  expect(done).toEqual(['pod', 'namespace']);
});

test('a failing undo is reported and keeps no other from being tried', async () => {
  const { stack, reports, done, entry } = recorder();
  entry('first');
  entry('second', { undo: () => Promise.reject(new Error('refused')) });
  const failures = await stack.undoAll({ timeoutMs: 1_000, keep: 'nothing' });
  expect(done).toEqual(['first']);
  expect(failures).toEqual([{ what: 'second', outcome: 'failed', detail: 'refused' }]);
  expect(reports).toEqual([...failures, { what: 'first', outcome: 'undone' }]);
});

test('an undo that never ends is given up after its time, and the next one begins', async () => {
  const { stack, done, entry } = recorder();
  entry('first');
  entry('stuck', { undo: () => new Promise(() => undefined) });
  const failures = await stack.undoAll({ timeoutMs: 50, keep: 'nothing' });
  expect(failures).toEqual([{ what: 'stuck', outcome: 'failed', detail: 'not undone within 50 ms' }]);
  expect(done).toEqual(['first']);
});

test('a kept scene keeps objects, but settings are put back', async () => {
  const { stack, reports, done, entry } = recorder();
  entry('volume');
  entry('setting', { scene: 'never part' });
  await stack.undoAll({ timeoutMs: 1_000, keep: 'scene' });
  expect(done).toEqual(['setting']);
  expect(reports).toEqual([
    { what: 'setting', outcome: 'undone' },
    { what: 'volume', outcome: 'kept' },
  ]);
});

test('what was undone is not undone twice', async () => {
  const { stack, done, entry } = recorder();
  entry('once');
  await stack.undoAll({ timeoutMs: 1_000, keep: 'nothing' });
  await stack.undoAll({ timeoutMs: 1_000, keep: 'nothing' });
  expect(done).toEqual(['once']);
});

test('once the cluster is given up, what is left is reported at once and not tried', async () => {
  const { stack, reports, done, entry } = recorder();
  const lost = new AbortController();
  entry('namespace');
  entry('pod', {
    undo: () =>
      new Promise(() => {
        lost.abort(new Error('the API has not answered for 15 s'));
      }),
  });
  await stack.undoAll({ timeoutMs: 60_000, keep: 'nothing', giveUp: lost.signal });
  expect(done).toEqual([]);
  expect(reports).toEqual([
    { what: 'pod', outcome: 'failed', detail: 'the API has not answered for 15 s' },
    { what: 'namespace', outcome: 'failed', detail: 'not tried: the API has not answered for 15 s' },
  ]);
});
