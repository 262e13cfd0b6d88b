import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { storiesOf } from '../../../helpers/eventlog/story.ts';
import { mergeShards } from '../../../scripts/shards/merge.ts';
import { parseShard, storiesOfShard, writeShardNote } from '../../../scripts/shards/shard.ts';
import { parseVerifyRequest } from '../../../scripts/verify/request.ts';
import { storyVerdict } from '../../../scripts/verify/story-verdict.ts';
import { history } from '../verdict/histories.ts';

const run = { scenarios: ['ha-simple-recovery-with-backing-image'], images: ['raw', 'qcow2'] } as const;

test('every story belongs to exactly one shard, however many there are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 7 }), (total, count) => {
      const many = { scenarios: Array.from({ length: count }, (_, index) => `s${String(index)}`), images: run.images };
      const parts = Array.from({ length: total }, (_, index) => storiesOfShard(many, { index: index + 1, total }));
      expect(parts.flat()).toHaveLength(2 * count);
      expect(new Set(parts.flat().map((story) => JSON.stringify(story))).size).toBe(2 * count);
    }),
  );
});

for (const text of ['0/2', '3/2', '1', '1/0', 'a/b', '-1/2']) {
  test(`--shard ${text} is refused`, () => {
    expect(() => parseShard(text)).toThrow(/--shard wants/);
  });
}

test('a shard without a given seed, and one with nothing to do, are refused', async () => {
  await expect(parseVerifyRequest(['--shard', '1/2'])).rejects.toThrow(/needs --seed/);
  await expect(parseVerifyRequest(['--shard', '3/3', '--seed', 'x'])).rejects.toThrow(/nothing to do.*2 stories/);
});

test('a shard whose log never came makes the merged verdict inconclusive, and says which', async ({}, testInfo) => {
  const shard = testInfo.outputPath('shard-1');
  await mkdir(join(shard, 'raw'), { recursive: true });
  const lines = history().map((event) => JSON.stringify(event));
  await writeFile(join(shard, 'raw', 'events.jsonl'), `${lines.join('\n')}\n`);
  await writeShardNote(shard, { index: 1, total: 2, seed: 'x', stories: storiesOf(run) });
  const merged = await mergeShards({ shardDirs: [shard], outDir: testInfo.outputPath('merged') });
  expect(merged.verdict).toBe('inconclusive');
  expect(merged.headline).toContain('No shard of 2 brought the event log of qcow2');
  expect(merged.verdicts.map(({ verdict }) => verdict)).toEqual(['consistent', 'inconclusive']);
});

test('folders of different runs, or the same one twice, are not merged', async ({}, testInfo) => {
  const dirs = await Promise.all(
    ['a', 'b'].map(async (seed) => {
      const dir = testInfo.outputPath(seed);
      await mkdir(join(dir, 'raw'), { recursive: true });
      await writeFile(join(dir, 'raw', 'events.jsonl'), '');
      await writeShardNote(dir, { index: 1, total: 2, seed, stories: storiesOf(run) });
      return dir;
    }),
  );
  const outDir = testInfo.outputPath('merged');
  await expect(mergeShards({ shardDirs: dirs, outDir })).rejects.toThrow(/of another run/);
  const twice = [dirs[0] ?? '', dirs[0] ?? ''];
  await expect(mergeShards({ shardDirs: twice, outDir })).rejects.toThrow(/two shards tell the story raw/);
  await expect(mergeShards({ shardDirs: [testInfo.outputPath('none')], outDir })).rejects.toThrow(/is not of a shard/);
});

test('a story without a log says first why there is none; one with a log says nothing of it', () => {
  const why = 'nothing was written';
  const absent = storyVerdict([], why);
  expect([absent.verdict, absent.headline, absent.causes[0]]).toEqual(['inconclusive', why, why]);
  const told = storyVerdict(history(), why);
  expect([told.headline, ...told.causes]).not.toContain(why);
});
