/** `npm run cluster:down`: removes what `cluster:up` made. */
import { helpText } from '../command-line/flags.ts';
import { runCommand, UsageError } from '../command-line/usage-error.ts';
import { realWorld } from './host/world.ts';
import { layoutOf } from './layout.ts';
import { runDown, toUndo } from './plan/down.ts';
import { planOf } from './plan/plan.ts';
import { downScript } from './plan/script.ts';
import { ClusterRecord } from './record.ts';
import { downHelp, parseDown } from './request/down.ts';

await runCommand('cluster:down', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(downHelp));
    return 0;
  }
  const { name, stateDir, mode } = parseDown(argv);
  const layout = layoutOf(stateDir, name);
  const record = await ClusterRecord.read(layout.directory);
  if (record === undefined) {
    const others = await ClusterRecord.names(stateDir);
    const known = others.length === 0 ? 'it began none' : `it began ${others.join(', ')}`;
    throw new UsageError(`cluster:up began no cluster ${name} (looked in ${stateDir}; ${known})`);
  }
  const { request } = record;
  const steps = toUndo(planOf(request, layout), record);
  if (mode === 'dry-run') {
    console.log(downScript(`removing cluster ${name}`, steps));
    return 0;
  }
  const { context, kubeconfig } = request;
  const { signal } = new AbortController();
  const world = realWorld({ context, kubeconfig, signal, progressOf: (step) => record.progressOf(step) });
  process.once('SIGINT', () => {
    console.log(`\ninterrupted. The same cluster:down goes on from here.`);
    process.exit(130);
  });
  const left = await runDown({
    steps,
    world,
    record,
    tell: (line) => {
      console.log(line);
    },
  });
  if (left.length > 0) {
    console.log(`still there: ${left.join('; ')}. Run cluster:down again when the cause is gone.`);
    return 1;
  }
  const leftovers = await world.files.list('/dev/longhorn');
  if (request.provider.kind === 'kind' && leftovers.length > 0) {
    console.log(`devices of volumes that were attached remain; as root: dmsetup remove ${leftovers.join(' ')}`);
  }
  console.log('nothing is left');
  return 0;
});
process.exit();
