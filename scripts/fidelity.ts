/** `npm run fidelity`: where the embedded cluster is the same as the real parts, and where it differs and why. */
import { type CommandHelp, helpText, parseFlags } from './command-line/flags.ts';
import { runCommand, UsageError } from './command-line/usage-error.ts';
import { realParts, type RealPart } from './fidelity/parts.ts';
import { claimsOf } from './fidelity/playwright-report.ts';
import { runTests } from './fidelity/run.ts';
import { renderTable, type Row, rowOf, summaryLine } from './fidelity/table.ts';

const help: CommandHelp = {
  summary:
    'Holds the embedded cluster against recorded answers of the real parts and against real clients, and prints one\n' +
    'table: real part, claim, same or differs and why. Exit codes: 0 no difference without a reason, 1 one or more,\n' +
    '64 wrong usage.',
  usage: 'npm run fidelity -- [flags]',
  flags: {
    part: { value: 'TEXT', text: 'only real parts whose name contains TEXT, in any case' },
    json: { text: 'print the rows as JSON' },
  },
  examples: ['npm run fidelity', 'npm run fidelity -- --part spdk', 'npm run fidelity -- --json'],
};

function chosenParts(text: string | undefined): readonly RealPart[] {
  const parts = realParts.filter(({ name }) => name.toLowerCase().includes((text ?? '').toLowerCase()));
  if (parts.length > 0) return parts;
  throw new UsageError(
    `--part ${text ?? ''} names no real part; there are: ${realParts.map(({ name }) => name).join('; ')}`,
  );
}

await runCommand('fidelity', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(help));
    return 0;
  }
  const flags = parseFlags(argv, help);
  const parts = chosenParts(flags.text('part'));
  const report = await runTests(parts.flatMap(({ tests }) => tests));
  const claims = claimsOf(report);
  const rows = parts.flatMap(({ name, tests }): Row[] => {
    const ofPart = claims.filter(({ file }) => tests.some((one) => file.endsWith(one)));
    if (ofPart.length > 0) return ofPart.map((claim) => rowOf(name, claim));
    return [
      { part: name, claim: tests.join(', '), answer: 'not checked', why: 'no test of these files ran', failed: true },
    ];
  });
  if (flags.given('json')) console.log(JSON.stringify(rows, null, 2));
  else console.log(`${renderTable(rows)}\n\n${summaryLine(rows)}`);
  for (const { message } of report.errors) console.error(`fidelity: ${message ?? 'Playwright reported an error'}`);
  return report.errors.length > 0 || rows.some(({ failed }) => failed) ? 1 : 0;
});
