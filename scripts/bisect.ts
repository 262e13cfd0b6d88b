/** `npm run bisect`: the release or image with which a verdict changed. Exit codes: see `--help`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { type BisectReport, exitCodeOf, judgementOf, reportText } from './bisect/report.ts';
import { bisectHelp, type BisectCommand, parseBisectCommand } from './bisect/request.ts';
import { bisect, type Judgement, type Trial } from './bisect/search.ts';
import { helpText } from './command-line/flags.ts';
import { interruption } from './command-line/parallel.ts';
import { runCommand } from './command-line/usage-error.ts';
import { makeRow, type MatrixRow } from './matrix/row.ts';
import { runVersion } from './matrix/run.ts';
import { rowText } from './matrix/table.ts';

await runCommand('bisect', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(bisectHelp));
    return 0;
  }
  const command = await parseBisectCommand(argv);
  const report = await search(command);
  await writeFile(
    join(command.outDir, 'bisect.json'),
    `${JSON.stringify({ ...report, replay: command.replay }, null, 2)}\n`,
  );
  console.log(`\n${reportText(command, report)}`);
  return exitCodeOf(report.outcome);
});

async function search(command: BisectCommand): Promise<BisectReport> {
  const { candidates, older } = command;
  await mkdir(command.outDir, { recursive: true });
  console.log(`${candidates.join(' ')}\neach: npm run verify -- ${command.verifyFlags.join(' ')}`);
  const signal = interruption();
  const rows: MatrixRow[] = [];
  const trials: Trial<string>[] = [];
  const tryOut = async (candidate: string): Promise<Judgement> => {
    signal.throwIfAborted();
    const row = await tryCandidate(command, candidate, signal);
    // A verdict on a run that was told to end says nothing about the candidate.
    signal.throwIfAborted();
    rows.push(row);
    return judgementOf(row);
  };
  const onTrial = (trial: Trial<string>, left: number): void => {
    trials.push(trial);
    const row = rows.at(-1);
    const cause = trial.judgement === 'skip' ? `: ${row?.headline ?? ''}` : '';
    console.log(
      `${trial.judgement.padEnd(5)} ${row === undefined ? '' : (rowText(row).split('\n')[0] ?? '')}${cause}   ${String(left)} left between`,
    );
  };
  const outcome = await bisect({ candidates, older, tryOut, onTrial });
  if (command.extent === 'every') {
    for (const candidate of candidates.filter((one) => !trials.some((trial) => trial.candidate === one))) {
      onTrial({ candidate, judgement: await tryOut(candidate) }, 0);
    }
  }
  return { outcome, trials, rows };
}

async function tryCandidate(command: BisectCommand, candidate: string, signal: AbortSignal): Promise<MatrixRow> {
  const { prepare, outDir } = command;
  const runDir = join(resolve(outDir), candidate.replace(/[^\w.-]+/g, '_'));
  const prepared = prepare === undefined ? 0 : await prepareCandidate(prepare, candidate, signal);
  if (prepared === 0) return runVersion(candidate, { ...command, expected: new Map() }, { runDir, signal });
  const ended = { ended: `--prepare ended with exit code ${String(prepared)}`, outDir: runDir };
  const { target } = command;
  return makeRow({ version: candidate, target, run: undefined, ended, expected: undefined, durationMs: 0, replay: '' });
}

async function prepareCandidate(command: string, candidate: string, signal: AbortSignal): Promise<number> {
  console.log(`prepare ${candidate}: ${command}`);
  const { exitCode } = await execa(command, {
    shell: true,
    reject: false,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { CANDIDATE: candidate },
    cancelSignal: signal,
  });
  return exitCode ?? -1;
}
