/** `npm run verify`: the main job. Exit codes: 0 consistent, 1 inconsistent, 2 inconclusive, 64 wrong usage. */
import { helpText } from './command-line/flags.ts';
import { runCommand } from './command-line/usage-error.ts';
import { parseVerifyRequest } from './verify/request.ts';
import { verifyHelp } from './verify/request/help.ts';
import { verify } from './verify/run.ts';

await runCommand('verify', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(verifyHelp));
    return 0;
  }
  const { exitCode } = await verify(await parseVerifyRequest(argv));
  return exitCode;
});
