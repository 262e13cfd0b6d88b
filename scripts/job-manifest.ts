/** `npm run job-manifest`: what runs verify inside the cluster, to be piped into `kubectl apply -f -`. */
import { helpText } from './command-line/flags.ts';
import { runCommand } from './command-line/usage-error.ts';
import { jobObjects, manifestYaml } from './job-manifest/manifest.ts';
import { checkRun, jobManifestHelp, parseJobRequest } from './job-manifest/request.ts';

await runCommand('job-manifest', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(jobManifestHelp));
    return 0;
  }
  const request = parseJobRequest(argv);
  await checkRun(request);
  return new Promise((resolve) => {
    process.stdout.write(manifestYaml(jobObjects(request)), () => {
      resolve(0);
    });
  });
});
