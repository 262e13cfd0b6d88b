/** `npm run matrix`: verdicts on several Longhorn releases in one table. Exit codes: see `--help`. */
import { join, resolve } from 'node:path';
import { helpText } from './command-line/flags.ts';
import { interruption } from './command-line/parallel.ts';
import { runCommand } from './command-line/usage-error.ts';
import { matrixHelp, parseMatrixRequest } from './matrix/request.ts';
import { runMatrix } from './matrix/run.ts';
import { exitCodeOf, rowText, tableText } from './matrix/table.ts';

await runCommand('matrix', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(matrixHelp));
    return 0;
  }
  const request = await parseMatrixRequest(argv);
  const tell = request.output === 'table' ? console.log : console.error;
  const { versions, verifyFlags } = request;
  tell(`${String(versions.length)} releases, each: npm run verify -- ${verifyFlags.join(' ')}`);
  const rows = await runMatrix(request, {
    signal: interruption(),
    onRow: (row) => {
      tell(rowText(row).split('\n')[0] ?? '');
    },
  });
  if (request.output === 'json') console.log(JSON.stringify(rows, null, 2));
  else console.log(`\n${tableText(rows)}\n\npage     ${join(resolve(request.outDir), 'index.html')}`);
  const missing = versions.length - rows.filter(({ version }) => versions.includes(version)).length;
  if (missing > 0) tell(`interrupted: ${String(missing)} releases have no verdict`);
  return missing > 0 ? 2 : exitCodeOf(rows);
});
