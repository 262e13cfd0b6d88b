/** A run divided among machines: which stories are whose, and what each leaves for the merge. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Story, storiesOf } from '../../helpers/eventlog/story.ts';
import { UsageError } from '../command-line/usage-error.ts';

/** The index-th of so many, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly total: number;
}

/** Reads `2/3`. Throws `UsageError`. */
export function parseShard(text: string): Shard {
  const match = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text);
  const shard = { index: Number(match?.[1]), total: Number(match?.[2]) };
  if (match !== null && shard.index <= shard.total) return shard;
  throw new UsageError(`--shard wants the number of a machine and how many there are, e.g. 1/3, got "${text}"`);
}

/** The stories of a run that a shard tells: every total-th. Without a shard, all. */
export function storiesOfShard(run: Parameters<typeof storiesOf>[0], shard: Shard | undefined): Story[] {
  return storiesOf(run).filter((_, position) => shard === undefined || position % shard.total === shard.index - 1);
}

const noteFile = 'shard.json';
const storySchema = z.object({ scenario: z.string(), image: z.enum(['raw', 'qcow2']) });
const noteSchema = z.object({
  index: z.number(),
  total: z.number(),
  seed: z.string(),
  /** Of the whole run, so that a merge knows what is missing. */
  stories: z.array(storySchema),
});
export type ShardNote = z.infer<typeof noteSchema>;

export async function writeShardNote(runDir: string, note: ShardNote): Promise<void> {
  await writeFile(join(runDir, noteFile), `${JSON.stringify(note, null, 2)}\n`);
}

/** @throws UsageError where a folder is no shard's */
export async function readShardNote(runDir: string): Promise<ShardNote> {
  const text = await readFile(join(runDir, noteFile), 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${runDir} is not of a shard: it has no ${noteFile}`, { cause });
  });
  return noteSchema.parse(JSON.parse(text));
}
