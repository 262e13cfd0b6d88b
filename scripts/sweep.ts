/** `npm run sweep`: removes what killed runs left, and puts back the settings they had changed. */
import { connect } from '../helpers/kubernetes/client.ts';
import { KubeconfigError } from '../helpers/kubernetes/errors.ts';
import { contextsOf } from '../helpers/kubernetes/kubeconfig.ts';
import { defaultKubeconfigs } from '../helpers/kubernetes/reach.ts';
import { sweep, type SweepLine } from '../helpers/longhorn/sweep.ts';
import { type CommandHelp, type Flags, helpText, parseFlags } from './command-line/flags.ts';
import { parseLonghornNamespace } from './command-line/namespace.ts';
import { runCommand, UsageError } from './command-line/usage-error.ts';
import { inClusterContext } from './verify/in-cluster.ts';
import { resolveContext } from './verify/kubeconfig.ts';

const help: CommandHelp = {
  summary:
    'Removes everything that carries the label of a run, and puts back the settings that runs had changed.\n' +
    'Nothing else can be removed. Exit codes: 0 nothing is left, 1 something is, 64 wrong usage.',
  usage: 'npm run sweep -- [flags]',
  flags: {
    context: { value: 'NAME', text: 'kubeconfig context (default: the only one there is)' },
    kubeconfig: { value: 'FILE', text: 'kubeconfig (default: $KUBECONFIG or ~/.kube/config)' },
    'in-cluster': { text: "the cluster that this runs in, as the pod's service account" },
    run: { value: 'ID', text: 'of this run only, at work or not (default: of all runs but one that is at work)' },
    'longhorn-namespace': { value: 'NAME', text: "Longhorn's namespace (default longhorn-system)" },
    'dry-run': { text: 'only tell what would be done' },
    timeout: { value: 'SECONDS', text: 'how long one object may take to be gone (default 300)' },
  },
  examples: [
    'npm run sweep -- --context kind-longhorn --dry-run',
    'npm run sweep -- --context kind-longhorn --run 1a2b3c4d',
  ],
};

async function resolveTarget(flags: Flags): Promise<{ kubeconfigPath: string; context: string }> {
  const kubeconfig = flags.text('kubeconfig');
  const context = flags.text('context');
  if (flags.given('in-cluster')) return inClusterContext();
  if (context !== undefined) return resolveContext({ context, kubeconfig });
  const files = kubeconfig === undefined ? defaultKubeconfigs() : [kubeconfig];
  const found = files.flatMap((kubeconfigPath) =>
    readContexts(kubeconfigPath).map((name) => ({ kubeconfigPath, context: name })),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const names = found.map((candidate) => candidate.context).join(', ');
  throw new UsageError(
    `name the cluster with --context: ${files.join(', ')} has ${names === '' ? 'no contexts' : names}`,
  );
}

function readContexts(kubeconfigPath: string): readonly string[] {
  try {
    return contextsOf(kubeconfigPath);
  } catch (error) {
    if (error instanceof KubeconfigError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function tell({ what, outcome, detail }: SweepLine): void {
  console.log(`${outcome.padEnd(14)}${what}${detail === undefined ? '' : `: ${detail}`}`);
}

await runCommand('sweep', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(help));
    return 0;
  }
  const flags = parseFlags(argv, help);
  const runId = flags.text('run');
  if (runId !== undefined && !/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(runId)) {
    throw new UsageError(`--run wants a run's id, as in the label v2-verifier/run-id, got "${runId}"`);
  }
  const longhornNamespace = parseLonghornNamespace(flags);
  const timeoutMs = (flags.integer('timeout', { min: 1, max: 86_400 }) ?? 300) * 1000;
  const abort = new AbortController();
  process.once('SIGINT', () => {
    abort.abort(new Error('interrupted'));
  });
  const failures = await sweep({
    client: connect({ ...(await resolveTarget(flags)), signal: abort.signal }),
    runId,
    longhornNamespace,
    mode: flags.given('dry-run') ? 'dry-run' : 'sweep',
    timeoutMs,
    onLine: tell,
  });
  if (failures.length === 0) console.log(flags.given('dry-run') ? 'nothing was changed' : 'nothing is left to sweep');
  return failures.length === 0 ? 0 : 1;
});
// Kept-alive connections to the API server must not keep the process.
process.exit();
