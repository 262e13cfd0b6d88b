import { kindNodeNames, type Layout } from '../layout.ts';
import { hugePagesVisible, nodesReady } from './conditions.ts';
import { type Action, blocked, command, done, needed, type Seen, type Step } from '../plan/step.ts';
import type { World } from '../plan/world.ts';
import type { ClusterRequest, KindProvider } from '../request.ts';
import { lookForCondition } from '../plan/look.ts';
import { kindConfig } from './config.ts';
import { nodeImageOf } from './node-image.ts';

const createTimeoutMs = 15 * 60_000;
export const kindClusterStep = 'kind-cluster';

async function exists(world: World, name: string): Promise<boolean> {
  const { stdout } = await world.run(['kind', 'get', 'clusters']);
  return stdout.split('\n').some((line) => line.trim() === name);
}

export function kindClusterSteps(request: ClusterRequest, provider: KindProvider, layout: Layout): Step[] {
  const { name } = request;
  return [
    interruptedStep(request),
    {
      id: kindClusterStep,
      title: `Kind cluster ${name}, with Longhorn on ${kindNodeNames(name, provider).join(', ')}`,
      check: { text: 'kind get clusters', look: (world) => lookForCluster(world, name) },
      does: { kind: 'actions', actions: createActions(request, provider, layout) },
      undo: {
        kind: 'actions',
        there: {
          text: 'kind get clusters',
          look: async (world) => ((await exists(world, name)) ? done(name) : needed('it does not exist')),
        },
        actions: [deleteCluster(request)],
      },
    },
    kubeletStep(request, provider),
  ];
}

/** Never adopts a cluster that somebody else made: `cluster:down` would remove it. */
async function lookForCluster(world: World, name: string): Promise<Seen> {
  if (!(await exists(world, name))) return needed('it does not exist');
  if (world.progressOf(kindClusterStep) === 'ended') return done(name);
  const advice = `choose another --name, or remove it with: kind delete cluster --name ${name}`;
  return blocked(`a Kind cluster ${name} exists that cluster:up did not make`, advice);
}

function interruptedStep(request: ClusterRequest): Step {
  return {
    id: 'kind-interrupted',
    title: 'no half-made Kind cluster of an earlier attempt',
    check: {
      text: 'kind get clusters, and the record of this cluster',
      look: async (world) =>
        world.progressOf(kindClusterStep) === 'started' && (await exists(world, request.name))
          ? needed('an earlier attempt ended while it was being made')
          : done('none'),
    },
    does: { kind: 'actions', actions: [deleteCluster(request)] },
    undo: { kind: 'with', step: kindClusterStep },
  };
}

function createActions(request: ClusterRequest, provider: KindProvider, layout: Layout): Action[] {
  const { name } = request;
  return [
    { kind: 'write', path: layout.kindConfig, text: kindConfig(request, provider, nodeImageOf(name, provider)) },
    command(
      ['kind', 'create', 'cluster', '--name', name, '--config', layout.kindConfig, '--wait', '5m', ...file(request)],
      { timeoutMs: createTimeoutMs },
    ),
    { kind: 'wait', condition: nodesReady(request, kindNodeNames(name, provider)), timeoutMs: 5 * 60_000 },
  ];
}

function deleteCluster(request: ClusterRequest): Action {
  return command(['kind', 'delete', 'cluster', '--name', request.name, ...file(request)], { timeoutMs: 5 * 60_000 });
}

function file(request: ClusterRequest): string[] {
  return request.kubeconfig === undefined ? [] : ['--kubeconfig', request.kubeconfig];
}

/** A kubelet counts huge pages when it starts, so one that started before them does not offer any. */
function kubeletStep(request: ClusterRequest, provider: KindProvider): Step {
  const nodes = kindNodeNames(request.name, provider);
  const visible = hugePagesVisible(request, nodes);
  return {
    id: 'kubelet-huge-pages',
    title: 'kubelet offers the huge pages',
    check: lookForCondition(visible),
    does: {
      kind: 'actions',
      actions: [
        ...nodes.map((node) => command(['docker', 'exec', node, 'systemctl', 'restart', 'kubelet'])),
        { kind: 'wait', condition: visible, timeoutMs: 3 * 60_000 },
      ],
    },
    undo: { kind: 'with', step: kindClusterStep },
  };
}

/** Loads an archive of images into every node, so that nothing is pulled. */
export function imageArchiveStep(request: ClusterRequest, archive: string): Step {
  const { name } = request;
  return {
    id: 'image-archive',
    title: `images of ${archive} are in the nodes`,
    check: {
      text: 'the record of this cluster',
      look: (world) =>
        Promise.resolve(world.progressOf('image-archive') === 'ended' ? done('loaded') : needed('not loaded yet')),
    },
    does: {
      kind: 'actions',
      actions: [command(['kind', 'load', 'image-archive', archive, '--name', name], { timeoutMs: 20 * 60_000 })],
    },
    undo: { kind: 'with', step: kindClusterStep },
  };
}
