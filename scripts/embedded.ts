/** `npm run embedded`: serves an embedded cluster to look around in with kubectl. */
import { randomBytes } from 'node:crypto';
import { startEmbeddedCluster } from '../embedded/cluster.ts';
import { topologyNames } from '../embedded/topology.ts';
import { defaultLonghornVersion } from '../embedded/versions/profile.ts';
import { type CommandHelp, helpText, parseFlags } from './command-line/flags.ts';
import { parseVolumeSize } from './command-line/size.ts';
import { runCommand } from './command-line/usage-error.ts';
import { openLifeLog } from './embedded/life-log.ts';
import { defaultTopology, parseFault, parseLonghornVersion, parseTimeScale } from './embedded/shape.ts';

const help: CommandHelp = {
  summary: 'Serves a Kubernetes API with Longhorn V2 and a data plane of real bytes from this machine.',
  usage: 'npm run embedded -- [flags]',
  flags: {
    longhorn: { value: 'VERSION', text: `Longhorn release to behave as (default ${defaultLonghornVersion})` },
    topology: { value: 'NAME', text: `${topologyNames.join(', ')} (default three-nodes)` },
    'time-scale': { value: 'FACTOR', text: "1 is Longhorn's real time (default 0.01)" },
    'copy-pause': { value: 'MS', text: 'what a rebuild waits after each cluster that it copies (default 0)' },
    'disk-size': { value: 'SIZE', text: 'size of each block disk, sparse (default 10Gi)' },
    port: { value: 'PORT', text: 'port of the API server (default a free one)' },
    fault: { value: 'ID[:KEY=VALUE,…]', text: 'what it does wrong; `npm run faults -- --list` shows all' },
    seed: { value: 'TEXT', text: "seed of the cluster's random choices (default random)" },
    'print-json': { text: 'print one line of JSON instead, for programs; ends when standard input closes' },
    outlive: { text: 'do not watch standard input' },
    log: { value: 'FILE', text: 'also write there why it ends' },
  },
  examples: ['npm run embedded', 'npm run embedded -- --longhorn 1.8.0 --time-scale 1'],
};

await runCommand('embedded', async () => {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    console.log(helpText(help));
    return 0;
  }
  const flags = parseFlags(process.argv.slice(2), help);
  const note = openLifeLog(flags.text('log'));
  const cluster = await startEmbeddedCluster({
    longhorn: parseLonghornVersion(flags.text('longhorn') ?? defaultLonghornVersion),
    topology: flags.choice('topology', topologyNames) ?? defaultTopology,
    timeScale: parseTimeScale(flags.text('time-scale')),
    blockDiskBytes: parseVolumeSize('--disk-size', flags.text('disk-size') ?? '10Gi'),
    port: flags.integer('port', { min: 0, max: 65_535 }) ?? 0,
    seed: flags.text('seed') ?? randomBytes(4).toString('hex'),
    copyPauseMs: flags.integer('copy-pause', { min: 0, max: 60_000 }) ?? 0,
    ...parseFault(flags.text('fault')),
  });
  const asked = stopRequested({ watchInput: flags.given('print-json') && !flags.given('outlive') });
  if (flags.given('print-json')) {
    const { kubeconfigPath: kubeconfig, context, url } = cluster;
    console.log(JSON.stringify({ kubeconfig, context, url, pid: process.pid }));
  } else {
    console.log(`# Longhorn ${cluster.longhorn}, ${cluster.topology}, embedded: not a real cluster. Ctrl-C ends it.`);
    console.log(`export KUBECONFIG=${cluster.kubeconfigPath}`);
    console.log('# kubectl get nodes; kubectl -n longhorn-system get volumes.longhorn.io');
  }
  note(`asked to end: ${await asked}`);
  const fault = cluster.fault();
  await cluster.stop();
  if (fault !== undefined) {
    const name = fault.parameters === '' ? fault.fault : `${fault.fault}:${fault.parameters}`;
    console.error(`fault ${name} made ${String(fault.differences)} differences ${JSON.stringify(fault.examples)}`);
  }
  return 0;
});
// Whatever a client still holds open must not keep the process.
process.exit();

/** Resolves, with who asked, when the process is asked to end. Under a program only SIGTERM counts: Ctrl-C is for the program. */
function stopRequested(options: { watchInput: boolean }): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGHUP', resolve);
    if (!options.watchInput) {
      process.once('SIGINT', resolve);
      return;
    }
    process.on('SIGINT', () => undefined);
    const parentGone = (): void => {
      resolve('standard input is closed: whoever started it is gone');
    };
    process.stdin.once('end', parentGone).once('close', parentGone).once('error', parentGone).resume();
  });
}
