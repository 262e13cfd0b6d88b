/** Removes what killed runs left: settings are put back from their journals first, then objects go, users before used. */
import type { KubeClient } from '../kubernetes/client.ts';
import { cordonedByRuns, uncordon } from '../kubernetes/cordon.ts';
import { configMaps } from '../kubernetes/core-kinds.ts';
import { met, pending, waitFor } from '../kubernetes/wait.ts';
import { isNotFound } from '../kubernetes/errors.ts';
import { runIdLabel, type Owned } from '../kubernetes/ownership.ts';
import { findLeftovers } from './leftovers.ts';
import { lockTiming as defaultTiming, looksAlive, observeHolder, readHolder, type LockTiming } from './lock/holder.ts';
import { journalEntries, journalLabel } from './settings-journal.ts';
import { restoreSetting } from './settings.ts';

export interface SweepLine {
  readonly what: string;
  /** `looking`, `running`: what was found out about the run that holds the lock; its objects are left alone. */
  readonly outcome:
    | 'looking'
    | 'running'
    | 'restored'
    | 'unchanged'
    | 'deleted'
    | 'absent'
    | 'would restore'
    | 'would delete'
    | 'failed';
  readonly detail?: string;
}

export interface SweepOptions {
  readonly client: KubeClient;
  /** One run only, whether it is at work or not; without it, all but the one that is. */
  readonly runId: string | undefined;
  readonly longhornNamespace: string;
  readonly lockTiming?: LockTiming;
  readonly mode: 'sweep' | 'dry-run';
  /** For each object to be gone. */
  readonly timeoutMs: number;
  readonly onLine: (line: SweepLine) => void;
}

/** Answers with the lines that failed; none means that nothing is left. */
export async function sweep(options: SweepOptions): Promise<readonly SweepLine[]> {
  const failures: SweepLine[] = [];
  const tell = (line: SweepLine): void => {
    options.onLine(line);
    if (line.outcome === 'failed') failures.push(line);
  };
  const running = options.runId === undefined ? await runAtWork(options, tell) : undefined;
  await restoreJournals(options, running, tell);
  await uncordonNodes(options, running, tell);
  const settingsFailed = failures.length > 0;
  for (const owned of await findLeftovers(options.client, { runId: options.runId })) {
    if (owned.runId === running) continue;
    const isJournal = owned.object.metadata.labels?.[journalLabel] !== undefined;
    const holdsJournal = isJournal || owned.kind.kind === 'Namespace';
    if (settingsFailed && holdsJournal) {
      tell({ what: owned.toString(), outcome: 'failed', detail: 'kept: it holds the settings that were not restored' });
      continue;
    }
    tell(
      options.mode === 'dry-run' ? { what: owned.toString(), outcome: 'would delete' } : await remove(owned, options),
    );
  }
  return failures;
}

/**
 * The run that holds the lock and renews it. Seeing that takes up to a term, unless its processes are seen to be gone; a
 * dry run goes by the clocks instead.
 */
async function runAtWork(options: SweepOptions, tell: (line: SweepLine) => void): Promise<string | undefined> {
  const { client, longhornNamespace, lockTiming: timing = defaultTiming } = options;
  const holder = await readHolder(client, longhornNamespace);
  if (holder === undefined) return undefined;
  const what = `run ${holder.runId} on ${holder.host}`;
  if (options.mode === 'dry-run') {
    if (!looksAlive(holder, timing)) return undefined;
    const detail = `it renewed its lock at ${holder.renewTime}, so it would be left alone if it goes on`;
    tell({ what, outcome: 'running', detail });
    return holder.runId;
  }
  if (holder.processes === 'gone') {
    tell({ what: `${what} holds the lock`, outcome: 'looking', detail: 'none of its processes is left' });
    return undefined;
  }
  const seconds = String(Math.round(timing.termMs / 1000));
  const whether = `whether it still renews it, for up to ${seconds} s; --run ${holder.runId} sweeps it without looking`;
  tell({ what: `${what} holds the lock`, outcome: 'looking', detail: whether });
  const observed = await observeHolder(client, longhornNamespace, timing);
  if (observed?.state !== 'alive') return undefined;
  tell({ what: `run ${observed.runId} on ${observed.host}`, outcome: 'running', detail: 'left alone; end it first' });
  return observed.runId;
}

async function restoreJournals(
  options: SweepOptions,
  running: string | undefined,
  tell: (line: SweepLine) => void,
): Promise<void> {
  const { client, runId, mode } = options;
  const run = runId === undefined ? runIdLabel : `${runIdLabel}=${runId}`;
  const { items } = await client.list(configMaps, { labelSelector: `${journalLabel},${run}` });
  const dead = items.filter(({ metadata }) => metadata.labels?.[runIdLabel] !== running);
  for (const entry of dead.flatMap(journalEntries)) {
    if ('unreadable' in entry) {
      tell({ what: 'journal entry', outcome: 'failed', detail: entry.unreadable });
      continue;
    }
    const { change, namespace } = entry;
    const what = `setting ${change.name} to ${change.original}`;
    if (mode === 'dry-run') {
      tell({ what, outcome: 'would restore' });
      continue;
    }
    try {
      const outcome = await restoreSetting({ client, namespace, change });
      tell(
        outcome === 'changed by others'
          ? { what, outcome: 'unchanged', detail: 'somebody has changed it since' }
          : { what, outcome },
      );
    } catch (error) {
      tell({ what, outcome: 'failed', detail: error instanceof Error ? error.message : String(error) });
    }
  }
}

async function uncordonNodes(
  { client, runId, mode }: SweepOptions,
  running: string | undefined,
  tell: (line: SweepLine) => void,
): Promise<void> {
  for (const node of await cordonedByRuns(client, runId)) {
    if (node.runId === running) continue;
    const what = `cordon of node ${node.name} by run ${node.runId}`;
    if (mode === 'dry-run') {
      tell({ what, outcome: 'would restore' });
      continue;
    }
    try {
      await uncordon(client, node.name, node.runId);
      tell({ what, outcome: 'restored' });
    } catch (error) {
      tell({ what, outcome: 'failed', detail: error instanceof Error ? error.message : String(error) });
    }
  }
}

async function remove(owned: Owned, options: SweepOptions): Promise<SweepLine> {
  const what = `${owned.toString()} of run ${owned.runId}`;
  try {
    if ((await options.client.delete(owned)) === 'absent') return { what, outcome: 'absent' };
    await waitUntilGone(options.client, owned, options.timeoutMs);
    return { what, outcome: 'deleted' };
  } catch (error) {
    if (isNotFound(error)) return { what, outcome: 'absent' };
    return { what, outcome: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Waits until the object is gone, or another one of its name has taken its place. */
export async function waitUntilGone(client: KubeClient, owned: Owned, timeoutMs: number): Promise<void> {
  await waitFor(client, {
    what: `${owned.toString()} to be gone`,
    expected: `no object of uid ${owned.uid}`,
    sources: { objects: { kind: owned.kind, ...owned.ref } },
    until: ({ objects: [found] }) => {
      if (found?.metadata.uid !== owned.uid) return met(undefined);
      const finalizers = found.metadata.finalizers?.join(' ') ?? '';
      return pending(`terminating${finalizers === '' ? '' : `, held by finalizers ${finalizers}`}`);
    },
    timeoutMs,
  });
}
