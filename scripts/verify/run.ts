import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readNote } from '../../fixtures/bundle-note.ts';
import type { RunOptions } from '../../fixtures/run-options.ts';
import { scenarioNamed } from '../../fixtures/scenarios.ts';
import { readEvents } from '../../helpers/eventlog/reader.ts';
import { storiesOf, storyName } from '../../helpers/eventlog/story.ts';
import { appendToEndedLog } from '../../helpers/eventlog/writer.ts';
import { combine } from '../../helpers/verdict/combine.ts';
import type { Verdict } from '../../helpers/verdict/verdict.ts';
import { generateAllure } from '../../reports/allure.ts';
import { reportTitle } from '../../reports/report-title.ts';
import { writeEvidence } from '../../reports/run-evidence.ts';
import { findRunLogs } from '../../reports/run-logs.ts';
import { renderScreen } from '../../reports/screen.ts';
import { storiesOfShard, writeShardNote } from '../shards/shard.ts';
import { startEmbeddedProcess } from './embedded-process.ts';
import { runScenario } from './playwright.ts';
import { releaseCluster } from './release-cluster.ts';
import { defaultTimeScale, defaultTopology } from '../embedded/shape.ts';
import type { VerifyRequest } from './request.ts';
import { storyVerdict } from './story-verdict.ts';

export interface VerifyOutcome {
  readonly exitCode: number;
  readonly verdicts: readonly Verdict[];
  readonly runDir: string;
}

const gib = 2 ** 30;

type EmbeddedTarget = Extract<VerifyRequest['target'], { kind: 'embedded' }>;

/**
 * Runs the scenario against the requested target and judges it from its event logs alone. Writes reports below the run's
 * directory and prints the verdict on one screen.
 */
export async function verify(request: VerifyRequest): Promise<VerifyOutcome> {
  const runDir = resolve(request.outDir ?? join('reports', 'out', request.run.runId));
  await mkdir(runDir, { recursive: true });
  console.log(`seed ${request.run.seed}   run ${request.run.runId}   target ${targetWords(request)}`);
  const stories = storiesOfShard(request.run, request.shard);
  if (request.shard !== undefined) {
    await writeShardNote(runDir, { ...request.shard, seed: request.run.seed, stories: storiesOf(request.run) });
  }
  await runOnTarget(request, runDir);
  const verdicts = await Promise.all(
    stories.map(async (story) => {
      const events = await readEvents(join(runDir, storyName(story), 'events.jsonl'));
      return storyVerdict(events, `${storyName(story)} ended, or was ended, before it began: it has no event log.`);
    }),
  );
  const combined = combine(verdicts);
  await writeFile(join(runDir, 'verdict.json'), `${JSON.stringify(combined, null, 2)}\n`);
  if (request.reports === 'all') {
    const title = reportTitle(request.target);
    await generateAllure({ resultsDir: join(runDir, 'allure-results'), outDir: join(runDir, 'allure'), title });
  }
  console.log(renderScreen(verdicts, { runDir }));
  for (const line of await bundleLines(runDir)) console.log(line);
  for (const scene of stories.map((story) => join(runDir, storyName(story), 'scene.md'))) {
    if (existsSync(scene)) console.log(`scene    ${scene}`);
  }
  return { exitCode: combined.exitCode, verdicts, runDir };
}

/** What became of Longhorn's support bundles, and of which stories each is. */
async function bundleLines(runDir: string): Promise<string[]> {
  const directory = join(runDir, 'support-bundles');
  const notes = existsSync(directory) ? (await readdir(directory)).filter((name) => name.endsWith('.txt')) : [];
  const texts = await Promise.all(notes.map((name) => readFile(join(directory, name), 'utf8')));
  return texts.map((text) => {
    const { stories, outcome = 'none: the run was ended while Longhorn collected it' } = readNote(text);
    return `bundle   ${stories.join(', ')}: ${outcome}`;
  });
}

function targetWords({ target }: VerifyRequest): string {
  if (target.kind === 'context') return `context ${target.context}`;
  const fault = target.fault === undefined ? '' : `, with fault ${target.fault}`;
  return `embedded (not a real cluster), Longhorn ${target.longhorn}, ${target.topology}${fault}`;
}

async function runOnTarget(request: VerifyRequest, runDir: string): Promise<void> {
  const { target } = request;
  const lockSpan = storiesOfShard(request.run, request.shard).length > 1 ? 'whole run' : 'story';
  const run = { ...request.run, lockSpan } as const;
  if (target.kind === 'context') {
    const { context, kubeconfigPath } = target;
    const options: RunOptions = { ...run, runDir, target: { kind: 'context', context }, context, kubeconfigPath };
    await runScenario(options, request);
    await releaseCluster(options);
    return;
  }
  const keep = run.keep !== 'never';
  const lifeLog = join(runDir, 'embedded.log');
  const flags = [...embeddedFlags(target, run), '--log', lifeLog];
  const cluster = await startEmbeddedProcess({ flags, outlive: keep });
  const options: RunOptions = {
    ...run,
    runDir,
    target: { kind: 'embedded', flags: shapingFlags(target) },
    context: cluster.context,
    kubeconfigPath: cluster.kubeconfig,
  };
  const code = await runScenario(options, { ...request, giveUp: cluster.died });
  if (cluster.died.aborted) await tellOfDeath(runDir, cluster.died.reason as Error, lifeLog);
  await keepFaultReport(cluster.kubeconfig, runDir);
  if (!cluster.died.aborted) await releaseCluster(options);
  if (run.keep === 'always' || (run.keep === 'on-failure' && code !== 0)) {
    cluster.release();
    console.log(`kept: export KUBECONFIG=${cluster.kubeconfig}   (embedded; "kill ${String(cluster.pid)}" ends it)`);
  } else {
    await cluster.stop();
  }
}

/** A run cannot know why its cluster went away; its logs are told, so that the verdict says it. */
async function tellOfDeath(runDir: string, { message }: Error, lifeLog: string): Promise<void> {
  const lines = (await readFile(lifeLog, 'utf8').catch(() => '')).trim().split('\n');
  const words = `${message}; the last that it logged (${lifeLog}): ${lines.slice(-3).join(' | ')}`;
  for (const log of await findRunLogs(runDir)) {
    await appendToEndedLog(log.path, { type: 'trouble', what: 'the cluster is gone', message: words });
    await writeEvidence(log);
  }
}

/** What the fault really changed; written by the cluster beside its kubeconfig, from where it goes when the cluster stops. */
async function keepFaultReport(kubeconfig: string, runDir: string): Promise<void> {
  await copyFile(join(dirname(kubeconfig), 'fault.json'), join(runDir, 'fault.json')).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
}

/** What makes this cluster another one than the default, for whoever replays the run. */
function shapingFlags({ topology, timeScale, fault }: EmbeddedTarget): string[] {
  return [
    ...(topology === defaultTopology ? [] : ['--topology', topology]),
    ...(timeScale === defaultTimeScale ? [] : ['--time-scale', String(timeScale)]),
    ...(fault === undefined ? [] : ['--fault', fault]),
  ];
}

function embeddedFlags(target: EmbeddedTarget, run: VerifyRequest['run']): string[] {
  // Room for every replica, its rebuild and the image copies on one disk; the files are sparse.
  const volumes = run.scenarios.includes('parallel-rebuilds') ? run.volumes : 1;
  const diskBytes = Math.max(10 * gib, run.sizeBytes * volumes * (run.replicaCount + 2));
  return [
    ...['--longhorn', target.longhorn],
    ...['--topology', target.topology],
    ...['--time-scale', String(target.timeScale)],
    ...['--disk-size', String(diskBytes)],
    ...['--copy-pause', String(Math.max(0, ...run.scenarios.map((name) => scenarioNamed(name).copyPauseMs ?? 0)))],
    ...['--seed', run.seed],
    ...(target.fault === undefined ? [] : ['--fault', target.fault]),
  ];
}
