/** `npm run cluster:up`: a cluster whose Longhorn can be verified. */
import { existsSync } from 'node:fs';
import { helpText } from '../command-line/flags.ts';
import { runCommand, UsageError } from '../command-line/usage-error.ts';
import { resolveContext } from '../verify/kubeconfig.ts';
import { realWorld } from './host/world.ts';
import { layoutOf } from './layout.ts';
import { imageReferences } from './longhorn/releases.ts';
import { planOf } from './plan/plan.ts';
import { upScript } from './plan/script.ts';
import { runUp } from './plan/up.ts';
import { ClusterRecord } from './record.ts';
import type { ClusterRequest } from './request.ts';
import { parseUp, upHelp } from './request/up.ts';

const exitCodes = { usable: 0, failed: 1, 'left-to-person': 2 } as const;

await runCommand('cluster:up', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(upHelp));
    return 0;
  }
  const { request, stateDir, mode } = parseUp(argv);
  if (mode === 'print-images') {
    const probe = request.probeImage === undefined ? [] : [request.probeImage];
    console.log([...imageReferences(request.longhorn, request.registry), ...probe].join('\n'));
    return 0;
  }
  const layout = layoutOf(stateDir, request.name);
  const plan = planOf(request, layout);
  if (mode === 'dry-run') {
    console.log(upScript(plan));
    return 0;
  }
  requireFiles(request);
  await requireContext(request);
  const record = await ClusterRecord.open(layout.directory, request);
  const { context, kubeconfig } = request;
  const { signal } = new AbortController();
  const world = realWorld({ context, kubeconfig, signal, progressOf: (step) => record.progressOf(step) });
  const tell = (line: string): void => {
    console.log(line);
  };
  process.once('SIGINT', () => {
    tell(
      `\ninterrupted. The same cluster:up goes on from here; npm run cluster:down -- --name ${request.name} gives up.`,
    );
    process.exit(130);
  });
  const outcome = await runUp({ plan, world, record, tell });
  if (outcome === 'usable') tell(['', `context ${context} is ready; next:`, ...plan.afterwards].join('\n  '));
  return exitCodes[outcome];
});
// Kept-alive connections to the API server must not keep the process.
process.exit();

/** What is read half-way through has to be there at the start; a dry run may be for another machine. */
function requireFiles({ chart, provider }: ClusterRequest): void {
  const archive = provider.kind === 'kind' ? provider.imageArchive : undefined;
  const files = { '--chart': chart?.includes('://') === true ? undefined : chart, '--image-archive': archive };
  for (const [flag, path] of Object.entries(files)) {
    if (path !== undefined && !existsSync(path)) throw new UsageError(`${flag}: there is no ${path}`);
  }
}

async function requireContext({ provider, context, kubeconfig }: ClusterRequest): Promise<void> {
  if (provider.kind === 'existing') await resolveContext({ context, kubeconfig });
  if (process.getuid?.() === 0 && process.env['SUDO_USER'] !== undefined) {
    throw new UsageError('run it as yourself, without sudo: what root must do is printed');
  }
}
