import { lookForTool } from '../host/tools.ts';
import type { Layout } from '../layout.ts';
import { lookForCondition } from '../plan/look.ts';
import { type Action, blocked, command, done, needed, type Seen, type Step } from '../plan/step.ts';
import type { World } from '../plan/world.ts';
import type { ClusterRequest } from '../request.ts';
import { longhornRuns } from './conditions.ts';
import { helmInterruptedStep } from './interrupted.ts';
import { longhornKubectl, longhornNamespace } from './kubectl.ts';
import { longhornValues } from './values.ts';

const chartRepository = 'https://charts.longhorn.io';
const installTimeoutMs = 20 * 60_000;
const longhornStep = 'longhorn';

/** charts.longhorn.io has releases only; a release candidate's chart is in the sources. */
function needsSource({ longhorn, chart }: ClusterRequest): boolean {
  return chart === undefined && longhorn.includes('-');
}

export function installSteps(request: ClusterRequest, layout: Layout): Step[] {
  const runs = lookForCondition(longhornRuns(request, request.longhorn));
  const step: Step = {
    id: longhornStep,
    title: `Longhorn ${request.longhorn}, every image by a fixed tag`,
    check: { text: runs.text, look: (world) => lookForLonghorn(world, runs.look, request) },
    does: {
      kind: 'actions',
      actions: [
        { kind: 'write', path: layout.values, text: longhornValues(request) },
        command(helmUpgrade(request, layout), { timeoutMs: installTimeoutMs }),
        { kind: 'wait', condition: longhornRuns(request, request.longhorn), timeoutMs: installTimeoutMs },
      ],
    },
    undo: request.provider.kind === 'kind' ? { kind: 'with', step: 'kind-cluster' } : uninstall(request),
  };
  const steps = [helmInterruptedStep(request, longhornStep), step];
  return needsSource(request) ? [sourceStep(request, layout), ...steps] : steps;
}

/** Never touches a Longhorn of another release: an upgrade is the person's decision, and cannot be undone. */
async function lookForLonghorn(
  world: World,
  runs: (world: World) => Promise<Seen>,
  request: ClusterRequest,
): Promise<Seen> {
  const seen = await runs(world);
  if (seen.state === 'done') return seen;
  if (world.progressOf(longhornStep) === 'never') {
    const args = longhornKubectl(request, [
      'get',
      'daemonset',
      'longhorn-manager',
      '-o',
      'jsonpath={..image}',
      '--ignore-not-found',
    ]);
    const other = (await world.run(args)).stdout.trim();
    if (other !== '') {
      const images = [...new Set(other.split(/\s+/))].join(', ');
      return blocked(
        `another Longhorn is there (${images}): ${seen.detail}`,
        'use --longhorn with its version, or remove it',
      );
    }
  }
  const helm = await lookForTool(world, 'helm');
  return helm.state === 'done'
    ? seen
    : blocked(`helm is needed: ${helm.detail}`, 'https://helm.sh/docs/intro/install/');
}

function helmFlags({ kubeconfig, context }: ClusterRequest): string[] {
  return ['--kube-context', context, ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig])];
}

function helmUpgrade(request: ClusterRequest, layout: Layout): string[] {
  const { longhorn, chart } = request;
  const source =
    chart !== undefined
      ? [chart]
      : needsSource(request)
        ? [`${layout.chartSource}/chart`]
        : ['longhorn', '--repo', chartRepository, '--version', longhorn];
  return [
    ...['helm', 'upgrade', '--install', 'longhorn', ...source],
    ...['--namespace', longhornNamespace, '--create-namespace', '--values', layout.values],
    ...helmFlags(request),
  ];
}

function sourceStep({ longhorn }: ClusterRequest, layout: Layout): Step {
  const tag = `v${longhorn}`;
  const clone = ['git', 'clone', '--quiet', '--depth', '1', '--branch', tag, 'https://github.com/longhorn/longhorn'];
  return {
    id: 'longhorn-source',
    title: `chart of ${longhorn} from Longhorn's sources`,
    check: {
      text: `ls ${layout.chartSource}/chart`,
      look: async (world) =>
        (await world.files.list(`${layout.chartSource}/chart`)).includes('Chart.yaml')
          ? done(layout.chartSource)
          : needed('not fetched yet'),
    },
    does: {
      kind: 'actions',
      // A clone that was cut off cannot be continued.
      actions: [
        command(['rm', '-rf', layout.chartSource]),
        command([...clone, layout.chartSource], { timeoutMs: 600_000 }),
      ],
    },
    undo: {
      kind: 'actions',
      there: {
        text: `ls ${layout.chartSource}`,
        look: async (world) =>
          (await world.files.list(layout.chartSource)).length > 0 ? done(layout.chartSource) : needed('not there'),
      },
      actions: [command(['rm', '-rf', layout.chartSource])],
    },
  };
}

/** Longhorn refuses to go until a setting says that it may (longhorn/longhorn:uninstall, setting deleting-confirmation-flag). */
function uninstall(request: ClusterRequest): Step['undo'] {
  const patch = [
    'patch',
    'settings.longhorn.io',
    'deleting-confirmation-flag',
    '--type',
    'merge',
    '-p',
    '{"value":"true"}',
  ];
  const actions: Action[] = [
    command(longhornKubectl(request, patch)),
    command(['helm', 'uninstall', 'longhorn', '--namespace', longhornNamespace, '--wait', ...helmFlags(request)], {
      timeoutMs: installTimeoutMs,
    }),
    command(longhornKubectl(request, ['delete', 'namespace', longhornNamespace, '--ignore-not-found']), {
      timeoutMs: 600_000,
    }),
  ];
  const release = ['helm', 'status', 'longhorn', '--namespace', longhornNamespace, ...helmFlags(request)];
  return {
    kind: 'actions',
    actions,
    there: {
      text: release.join(' '),
      look: async (world) => ((await world.run(release)).exitCode === 0 ? done('installed') : needed('not installed')),
    },
  };
}
