/** `npm run doctor`: whether a verdict is possible. Exit codes: 0 it is, 2 it is not, 64 wrong usage. */
import { usesColour } from '../reports/terminal.ts';
import { helpText } from './command-line/flags.ts';
import { runCommand } from './command-line/usage-error.ts';
import { doctorHelp, parseDoctorRequest } from './doctor/request.ts';
import { examineTarget } from './doctor/run.ts';
import { renderDoctor } from './doctor/screen.ts';

await runCommand('doctor', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(doctorHelp));
    return 0;
  }
  const request = await parseDoctorRequest(argv);
  const abort = new AbortController();
  process.once('SIGINT', () => {
    abort.abort(new Error('interrupted'));
  });
  const report = await examineTarget(request, abort.signal);
  const { stdout } = process;
  if (request.output === 'json') console.log(JSON.stringify(report, null, 2));
  else console.log(renderDoctor(report, { columns: stdout.isTTY ? stdout.columns : 160, colour: usesColour(stdout) }));
  return report.exitCode;
});
// Kept-alive connections to the API server must not keep the process.
process.exit();
