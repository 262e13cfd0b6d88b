/** `npm run judge`: the verdict on an old or killed run, from its event log alone. Exit codes as `npm run verify`. */
import { MalformedEventLog, readEvents } from '../helpers/eventlog/reader.ts';
import { combine } from '../helpers/verdict/combine.ts';
import { judge } from '../helpers/verdict/judge.ts';
import type { Verdict } from '../helpers/verdict/verdict.ts';
import { findRunLogs, runDirOf, type RunLog } from '../reports/run-logs.ts';
import { renderScreen } from '../reports/screen.ts';
import { type CommandHelp, helpText, parseFlags } from './command-line/flags.ts';
import { runCommand, UsageError } from './command-line/usage-error.ts';

const help: CommandHelp = {
  summary: 'Judges a run again from its event log; nothing is read from a cluster and nothing is written.',
  usage: 'npm run judge -- <run folder | events.jsonl> [flags]',
  flags: { json: { text: 'print the verdict as JSON (reports/verdict.schema.json describes each of `verdicts`)' } },
  examples: ['npm run judge -- reports/out/1a2b3c4d', 'npm run judge -- reports/out/1a2b3c4d/raw/events.jsonl --json'],
};

async function logsAt(path: string): Promise<RunLog[]> {
  const logs = await findRunLogs(path).catch((cause: unknown) => {
    throw new UsageError(`cannot look at ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  });
  if (logs.length === 0) throw new UsageError(`${path} holds no event log (events.jsonl, raw/ or qcow2/)`);
  return logs;
}

async function judgeLog({ path }: RunLog): Promise<Verdict> {
  const events = await readEvents(path).catch((cause: unknown) => {
    if (cause instanceof MalformedEventLog) throw new UsageError(cause.message, { cause });
    throw cause;
  });
  if (events.length === 0) throw new UsageError(`${path} holds no event`);
  return judge(events);
}

await runCommand('judge', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(help));
    return 0;
  }
  const flags = parseFlags(argv, help, 'some');
  const [path, ...rest] = flags.positionals;
  if (path === undefined || rest.length > 0) throw new UsageError(`wants one run folder or events.jsonl; see --help`);
  const logs = await logsAt(path);
  const verdicts = await Promise.all(logs.map(judgeLog));
  const run = combine(verdicts);
  const [first] = logs;
  if (flags.given('json')) console.log(JSON.stringify(run, null, 2));
  else console.log(renderScreen(verdicts, first === undefined ? {} : { runDir: runDirOf(first) }));
  return run.exitCode;
});
