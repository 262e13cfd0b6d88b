import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { parseBisectCommand } from '../../../scripts/bisect/request.ts';
import { bisect, type BisectOutcome, changes, type Judgement, type Trial } from '../../../scripts/bisect/search.ts';
import { UsageError } from '../../../scripts/command-line/usage-error.ts';

async function searchIn(
  judgements: readonly Judgement[],
  older: 'good' | 'bad' = 'good',
): Promise<{ outcome: BisectOutcome<number>; trials: Trial<number>[] }> {
  const trials: Trial<number>[] = [];
  const outcome = await bisect({
    candidates: judgements.map((_, index) => index),
    older,
    tryOut: (index) => Promise.resolve(judgements[index] ?? 'skip'),
    onTrial: (trial) => trials.push(trial),
  });
  return { outcome, trials };
}

test('the first bad candidate is found wherever it is, each is tried once, and few are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 200 }), fc.nat(), async (count, position) => {
      const firstBad = 1 + (position % (count - 1));
      const { outcome, trials } = await searchIn(
        Array.from({ length: count }, (_, index) => (index < firstBad ? 'good' : 'bad')),
      );
      expect(outcome).toEqual({ kind: 'found', last: firstBad - 1, first: firstBad });
      expect(new Set(trials.map(({ candidate }) => candidate)).size).toBe(trials.length);
      expect(trials.length).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(count)));
    }),
  );
});

test('with skips, what is between the last good and the first bad one is exactly what could not be judged', async () => {
  const judged = fc.constantFrom<'judged' | 'skip'>('judged', 'skip');
  await fc.assert(
    fc.asyncProperty(fc.array(judged, { maxLength: 40, size: 'max' }), fc.nat(), async (inner, position) => {
      const firstBad = 1 + (position % (inner.length + 1));
      const all = ['judged', ...inner, 'judged'].map((kind, index): Judgement => {
        return kind === 'skip' ? 'skip' : index < firstBad ? 'good' : 'bad';
      });
      const { outcome } = await searchIn(all);
      const last = all.lastIndexOf('good');
      const first = all.indexOf('bad');
      const suspects = Array.from({ length: first - last - 1 }, (_, offset) => last + 1 + offset);
      expect(outcome).toEqual(
        suspects.length === 0 ? { kind: 'found', last, first } : { kind: 'narrowed', last, first, suspects },
      );
    }),
  );
});

test('the repair is searched for when the bad end is the older one', async () => {
  const { outcome } = await searchIn(['bad', 'bad', 'good', 'good'], 'bad');
  expect(outcome).toEqual({ kind: 'found', last: 1, first: 2 });
});

test('an end that is not what it was said to be ends the search at once', async () => {
  const { outcome, trials } = await searchIn(['good', 'bad', 'good']);
  expect(outcome).toEqual({ kind: 'contradicted', end: 2, claimed: 'bad', seen: 'good' });
  expect(trials).toHaveLength(2);
});

test('more than one change among the trials is seen, skipped ones apart', () => {
  const trials: Trial<number>[] = [
    { candidate: 3, judgement: 'bad' },
    { candidate: 0, judgement: 'bad' },
    { candidate: 1, judgement: 'good' },
    { candidate: 2, judgement: 'skip' },
  ];
  expect(changes([0, 1, 2, 3], trials)).toEqual([
    [0, 1],
    [1, 3],
  ]);
});

test('releases between the ends are searched in order of their time, release candidates among them', async () => {
  const command = await parseBisectCommand(['--good', 'v1.8.1', '--bad', '1.9.0-rc2']);
  expect(command.candidates).toEqual(['1.8.1', '1.8.2', '1.9.0-rc2']);
  expect(command.older).toBe('good');
  const repair = await parseBisectCommand(['--bad', '1.8.0', '--good', '1.8.1']);
  expect(repair.older).toBe('bad');
});

test('the replay names the seed that was drawn, and a seed that was given once', async () => {
  const drawn = await parseBisectCommand(['--good', '1.8.2', '--bad', '1.9.0-rc2']);
  expect(drawn.replay).toMatch(/--seed [0-9a-f]{8}$/);
  const given = await parseBisectCommand(['--good', '1.8.2', '--bad', '1.9.0-rc2', '--seed', 'x']);
  expect(given.replay.match(/--seed/g)).toHaveLength(1);
});

for (const { what, argv, says } of [
  { what: 'a missing end', argv: ['--good', '1.8.1'], says: /--bad is missing/ },
  { what: 'an unknown release', argv: ['--good', '1.7.0', '--bad', '1.8.0'], says: /no candidate "1\.7\.0"/ },
  { what: 'the same end twice', argv: ['--good', '1.8.1', '--bad', 'v1.8.1'], says: /both name 1\.8\.1/ },
  {
    what: 'images for the embedded cluster',
    argv: ['--images', 'a,b', '--good', 'a', '--bad', 'b'],
    says: /name it with --context/,
  },
  {
    what: 'a context that nobody prepares',
    argv: ['--context', 'x', '--good', '1.8.1', '--bad', '1.8.2'],
    says: /needs --prepare/,
  },
]) {
  test(`bisect refuses ${what} with one line`, async () => {
    const refusal = parseBisectCommand(argv);
    await expect(refusal).rejects.toBeInstanceOf(UsageError);
    await expect(refusal).rejects.toThrow(says);
  });
}
