/** `npm run reproduce`: shows that a release's known defect is there. Exit code 0 when it was reproduced. */
import { type CommandHelp, helpText } from './command-line/flags.ts';
import { runCommand, UsageError } from './command-line/usage-error.ts';
import { knownDefectOf } from './reproduce/known-defect.ts';
import { parseVerifyRequest } from './verify/request.ts';
import { verifyHelp } from './verify/request/help.ts';
import { verify } from './verify/run.ts';

const help: CommandHelp = {
  ...verifyHelp,
  summary:
    'Reproduces the known defect of a Longhorn release and shows the evidence.\n' +
    'Exit code 0 when the defect was reproduced, 1 when the volume was consistent or something else was wrong, 2 when ' +
    'no verdict was possible.',
  usage: 'npm run reproduce -- --longhorn 1.8.0 [flags of verify]',
  examples: ['npm run reproduce -- --longhorn 1.8.0', 'npm run reproduce -- --longhorn 1.9.0-rc2 --image raw'],
};

await runCommand('reproduce', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(help));
    return 0;
  }
  const request = await parseVerifyRequest(argv);
  const { target } = request;
  const expected = target.kind === 'embedded' ? knownDefectOf(target.longhorn) : undefined;
  if (target.kind === 'embedded' && expected === undefined) {
    throw new UsageError(
      `Longhorn ${target.longhorn} has no known defect in this scenario; choose 1.8.0 (#10340) or 1.9.0-rc2 (#10909)`,
    );
  }
  const { verdicts } = await verify(request);
  const citedIn = verdicts.map((verdict) => ({
    image: verdict.image,
    cited: verdict.findings.flatMap((finding) => finding.citations.map((citation) => citation.issue)),
  }));
  const reproduced = citedIn.every(({ cited }) => cited.some((issue) => expected === undefined || issue === expected));
  if (reproduced) {
    const issues = [...new Set(citedIn.flatMap(({ cited }) => cited))];
    console.log(`reproduced ${issues.join(', ')} on ${citedIn.map(({ image }) => image).join(' and ')}`);
    return 0;
  }
  console.log(`not reproduced: expected ${expected ?? 'a known defect'} in every image format`);
  return verdicts.some((verdict) => verdict.verdict === 'inconclusive') ? 2 : 1;
});
