import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { readEvents } from '../../helpers/eventlog/reader.ts';
import { storyName } from '../../helpers/eventlog/story.ts';
import { combine } from '../../helpers/verdict/combine.ts';
import type { RunVerdict, Verdict } from '../../helpers/verdict/verdict.ts';
import { generateAllure } from '../../reports/allure.ts';
import { junitTitleVariable, reportTitle } from '../../reports/report-title.ts';
import { findRunLogs } from '../../reports/run-logs.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { toolEnvironment } from '../verify/child.ts';
import { storyVerdict } from '../verify/story-verdict.ts';
import { readShardNote, type ShardNote } from './shard.ts';

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve('@playwright/test/package.json')), 'cli.js');

/**
 * Makes one run of several shards' folders: their event logs side by side, one verdict computed from all of them, one
 * HTML, JUnit and Allure report. A story that no shard tells makes the verdict inconclusive.
 * @throws UsageError for folders that are no shards, or not of one run, before anything is written
 */
export async function mergeShards(options: { shardDirs: readonly string[]; outDir: string }): Promise<RunVerdict> {
  const outDir = resolve(options.outDir);
  const shards = await Promise.all(
    options.shardDirs.map(async (dir) => ({ dir, note: await readShardNote(dir), logs: await findRunLogs(dir) })),
  );
  const note = sameRun(shards);
  const logs = shards.flatMap((shard) => shard.logs.map((log) => ({ ...log, story: basename(log.dir) })));
  const twice = logs.find(({ story }, index) => logs.findIndex((other) => other.story === story) !== index);
  if (twice !== undefined) throw new UsageError(`two shards tell the story ${twice.story}: ${twice.dir} is the second`);
  await mkdir(outDir, { recursive: true });
  for (const { dir, story } of logs) await cp(dir, join(outDir, story), { recursive: true });
  const verdicts = await Promise.all(note.stories.map((story) => verdictOn(storyName(story), outDir, note)));
  const run = combine(verdicts);
  await writeFile(join(outDir, 'verdict.json'), `${JSON.stringify(run, null, 2)}\n`);
  await mergeReports(options.shardDirs, { outDir, title: titleOf(verdicts) });
  return run;
}

function sameRun(shards: readonly { dir: string; note: ShardNote }[]): ShardNote {
  const [first] = shards;
  if (first === undefined) throw new UsageError('name the folders of the shards; see --help');
  const plan = ({ seed, total, stories }: ShardNote): string => JSON.stringify({ seed, total, stories });
  const other = shards.find(({ note }) => plan(note) !== plan(first.note));
  if (other !== undefined) {
    throw new UsageError(`${other.dir} is of another run than ${first.dir}: seed, stories or number of shards differ`);
  }
  return first.note;
}

async function verdictOn(story: string, outDir: string, { total }: ShardNote): Promise<Verdict> {
  const events = await readEvents(join(outDir, story, 'events.jsonl'));
  return storyVerdict(events, `No shard of ${String(total)} brought the event log of ${story}.`);
}

function titleOf(verdicts: readonly Verdict[]): string {
  const target = verdicts.find((verdict) => verdict.runId !== null)?.target ?? 'unknown';
  return reportTitle(target === 'embedded' ? { kind: 'embedded' } : { kind: 'context', context: target });
}

async function mergeReports(
  shardDirs: readonly string[],
  { outDir, title }: { outDir: string; title: string },
): Promise<void> {
  const blobs = join(outDir, 'blobs');
  const results = join(outDir, 'allure-results');
  await mkdir(blobs, { recursive: true });
  for (const [index, dir] of shardDirs.entries()) {
    for (const file of await readdir(join(dir, 'blob-report')).catch(() => [])) {
      await cp(join(dir, 'blob-report', file), join(blobs, `${String(index)}-${file}`));
    }
    await cp(join(dir, 'allure-results'), results, { recursive: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
  // Shards that died early leave no report; the verdict stands on event logs, and says what is missing.
  if ((await readdir(blobs)).length > 0) await mergeBlobs(blobs, { outDir, title });
  await rm(blobs, { recursive: true, force: true });
  await generateAllure({ resultsDir: results, outDir: join(outDir, 'allure'), title });
}

async function mergeBlobs(blobs: string, { outDir, title }: { outDir: string; title: string }): Promise<void> {
  await execa(process.execPath, [cli, 'merge-reports', '--reporter=html,junit', blobs], {
    env: {
      ...toolEnvironment(),
      PLAYWRIGHT_HTML_OUTPUT_DIR: join(outDir, 'html'),
      PLAYWRIGHT_HTML_OPEN: 'never',
      PLAYWRIGHT_HTML_TITLE: title,
      [junitTitleVariable]: title,
      PLAYWRIGHT_JUNIT_OUTPUT_FILE: join(outDir, 'junit.xml'),
    },
    extendEnv: false,
  });
}
