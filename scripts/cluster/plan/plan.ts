/** The whole set-up of a request, as data; `cluster:down` undoes the same plan from its end. */
import { diskSpaceStep } from '../host/disk-space.ts';
import { cpuStep, hugePagesStep, kernelModulesStep, kernelVersionStep } from '../host/kernel.ts';
import { toolStep } from '../host/tools.ts';
import { imageArchiveStep, kindClusterSteps } from '../kind/cluster.ts';
import { diskFilesStep, diskFileSteps, loopDeviceSteps } from '../kind/loop-disks.ts';
import { nodeImageOf, nodeImageStep } from '../kind/node-image.ts';
import { blockDisks, kindNodeNames, type Layout, loopDisks } from '../layout.ts';
import { pullSecretStep } from '../longhorn/pull-secret.ts';
import { installSteps } from '../longhorn/install.ts';
import { blockDiskSteps, disksUsableStep, settingStep, v2RunsStep } from '../longhorn/v2.ts';
import type { ClusterRequest, KindProvider } from '../request.ts';
import { reachableStep } from '../existing/reachable.ts';
import type { Plan, Step } from './step.ts';

export function planOf(request: ClusterRequest, layout: Layout): Plan {
  const { provider } = request;
  return {
    title: `Longhorn ${request.longhorn} on ${provider.kind === 'kind' ? `Kind cluster ${request.name}` : `context ${request.context}`}`,
    steps: [
      ...(provider.kind === 'kind'
        ? kindSteps(request, provider, layout)
        : [toolStep('kubectl'), reachableStep(request)]),
      ...longhornSteps(request, layout),
    ],
    afterwards: nextCommands(request),
  };
}

function kindSteps(request: ClusterRequest, provider: KindProvider, layout: Layout): Step[] {
  const disks = loopDisks(request.name, provider, layout);
  const bytes = disks.reduce((sum, disk) => sum + disk.bytes, 0);
  return [
    ...(['docker', 'kind', 'kubectl', 'helm'] as const).map(toolStep),
    kernelVersionStep(),
    cpuStep(),
    kernelModulesStep(),
    hugePagesStep(kindNodeNames(request.name, provider).length),
    diskSpaceStep(layout.disksDirectory, bytes, diskFilesStep),
    nodeImageStep(request.name, provider, layout),
    diskFileSteps(disks, layout),
    ...loopDeviceSteps(disks, nodeImageOf(request.name, provider), layout),
    ...kindClusterSteps(request, provider, layout),
    ...(provider.imageArchive === undefined ? [] : [imageArchiveStep(request, provider.imageArchive)]),
  ];
}

function longhornSteps(request: ClusterRequest, layout: Layout): Step[] {
  const { provider } = request;
  const disks = blockDisks(request, layout);
  const nodes = [...new Set(disks.map(({ node }) => node))];
  const single = provider.kind === 'kind' ? provider.shape.kind === 'single-node' : provider.shape === 'single-node';
  const shareNode = 'replicas of one volume may share a node';
  return [
    ...(request.pullSecret === undefined ? [] : [pullSecretStep(request, request.pullSecret)]),
    ...installSteps(request, layout),
    settingStep(request, 'v2-data-engine', 'the V2 data engine is enabled'),
    v2RunsStep(request, nodes),
    ...(single ? [settingStep(request, 'replica-soft-anti-affinity', shareNode)] : []),
    ...blockDiskSteps(request, disks),
    disksUsableStep(request, disks),
  ];
}

function nextCommands(request: ClusterRequest): string[] {
  const file = request.kubeconfig === undefined ? '' : ` --kubeconfig ${request.kubeconfig}`;
  const target = `--context ${request.context}${file}`;
  const probe = request.probeImage === undefined ? '' : ` --probe-image ${request.probeImage}`;
  return [
    `npm run doctor -- ${target}${probe}`,
    `npm run verify -- ${target}${probe}`,
    `npm run cluster:down -- --name ${request.name}`,
  ];
}
