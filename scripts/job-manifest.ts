/** `npm run job-manifest`: what runs verify inside the cluster, to be piped into `kubectl apply -f -`. */
import { helpText } from './command-line/flags.ts';
import { runCommand } from './command-line/usage-error.ts';
import { jobObjects, manifestYaml } from './job-manifest/manifest.ts';
import { jobManifestHelp, parseJobRequest } from './job-manifest/request.ts';

await runCommand('job-manifest', () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(jobManifestHelp));
    return Promise.resolve(0);
  }
  return new Promise((resolve) => {
    process.stdout.write(manifestYaml(jobObjects(parseJobRequest(argv))), () => {
      resolve(0);
    });
  });
});
