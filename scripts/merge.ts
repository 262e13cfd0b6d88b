/** `npm run merge`: one verdict and one report of a run that was divided among machines. Exit codes as `npm run verify`. */
import { resolve } from 'node:path';
import { renderScreen } from '../reports/screen.ts';
import { type CommandHelp, helpText, parseFlags } from './command-line/flags.ts';
import { parseOutDir } from './command-line/out-dir.ts';
import { runCommand } from './command-line/usage-error.ts';
import { mergeShards } from './shards/merge.ts';

const help: CommandHelp = {
  summary:
    'Merges the folders that "npm run verify -- --shard i/n" left on several machines: event logs, verdict, HTML, JUnit\n' +
    'and Allure. The verdict is computed from all event logs; a story that no shard brought makes it inconclusive.\n' +
    'Exit codes: 0 consistent, 1 inconsistent, 2 inconclusive, 64 wrong usage.',
  usage: 'npm run merge -- <folder of a shard>… [flags]',
  flags: { out: { value: 'DIR', text: 'where the merged run goes (default reports/out/merged)' } },
  examples: [
    'npm run verify -- --seed ci-42 --shard 1/2 --out shard-1     # on one machine',
    'npm run verify -- --seed ci-42 --shard 2/2 --out shard-2     # on another',
    'npm run merge -- shard-1 shard-2 --out reports/out/ci-42',
  ],
};

await runCommand('merge', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(help));
    return 0;
  }
  const flags = parseFlags(argv, help, 'some');
  const outDir = parseOutDir(flags) ?? 'reports/out/merged';
  const run = await mergeShards({ shardDirs: flags.positionals, outDir });
  console.log(renderScreen(run.verdicts, { runDir: resolve(outDir) }));
  return run.exitCode;
});
