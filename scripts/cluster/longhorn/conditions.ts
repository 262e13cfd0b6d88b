/** States of an installed Longhorn. Sources: longhorn-facts §7.2, §8 and the files named beside each. */
import { z } from 'zod';
import { daemonSets, events, pods } from '../../../helpers/kubernetes/core-kinds.ts';
import { defineKind, objectMetaSchema } from '../../../helpers/kubernetes/resource.ts';
import { met, pending, type Progress } from '../../../helpers/kubernetes/wait.ts';
import { type Disk, disksOf } from '../../../helpers/longhorn/disks.ts';
import { instanceManagerTroubles } from '../../../helpers/longhorn/instance-manager-troubles.ts';
import { instanceManagers, longhornNodes, settings } from '../../../helpers/longhorn/kinds.ts';
import { type SettingName, valueForV2 } from '../../../helpers/longhorn/settings.ts';
import { imageTag } from '../../../helpers/longhorn/version.ts';
import type { BlockDisk } from '../layout.ts';
import { condition, type Condition } from '../plan/condition.ts';
import { atLeast, type ClusterTarget } from '../plan/kubectl.ts';
import { commandLine } from '../plan/script.ts';
import { longhornKubectl, longhornNamespace } from './kubectl.ts';
import { podProblem } from './pod-problem.ts';
import { type InstallableVersion, releaseImages } from './releases.ts';

const namespace = longhornNamespace;

const engineImages = defineKind(
  { group: 'longhorn.io', version: 'v1beta2', kind: 'EngineImage', plural: 'engineimages', scope: 'namespaced' },
  z.looseObject({
    metadata: objectMetaSchema,
    status: z.looseObject({ state: z.string().optional() }).optional(),
  }),
);

/** Made by the manager and the driver deployer once they run (longhorn-manager:csi/deployment.go@v1.11.3). */
const daemonSetNames = ['longhorn-manager', 'longhorn-csi-plugin'];

/**
 * Longhorn of exactly that release is up: managers and CSI plugins ready on every node they belong on, by the release's
 * own tag, the engine image deployed, the nodes known and Ready.
 */
export function longhornRuns(target: ClusterTarget, version: InstallableVersion): Condition {
  const { tag } = releaseImages(version).longhorn.manager;
  return condition({
    what: `Longhorn ${version}`,
    expected: `${daemonSetNames.join(' and ')} with images ${tag} ready on every node, engine image deployed, nodes Ready`,
    kubectl: longhornKubectl(target, ['get', 'daemonsets', '-o', 'wide']),
    shell: [
      ...daemonSetNames.map((name) => ['rollout', 'status', `daemonset/${name}`]),
      ['wait', '--for=jsonpath={.status.state}=deployed', 'engineimages.longhorn.io', '--all'],
      ['wait', '--for=condition=Ready', 'nodes.longhorn.io', '--all'],
    ]
      .map((args) => commandLine(longhornKubectl(target, [...args, '--timeout=20s'])))
      .join(' && '),
    sources: {
      daemonSets: { kind: daemonSets, namespace },
      engineImages: { kind: engineImages, namespace },
      longhornNodes: { kind: longhornNodes, namespace },
      pods: { kind: pods, namespace },
    },
    until: (view) => {
      const problem =
        daemonSetNames.map((name) => daemonSetProblem(view.daemonSets, name, tag)).find((one) => one !== undefined) ??
        view.engineImages.map((image) => engineImageProblem(image)).find((one) => one !== undefined) ??
        (view.engineImages.length === 0 ? 'no engine image yet' : undefined) ??
        nodesProblem(view.longhornNodes);
      if (problem === undefined) return met(`${tag} on ${String(view.longhornNodes.length)} nodes`);
      const why = view.pods.map((pod) => podProblem(pod)).find((one) => one !== undefined);
      return pending(why === undefined ? problem : `${problem}; ${why}`);
    },
  });
}

type DaemonSet = ReturnType<typeof daemonSets.parse>;

function daemonSetProblem(all: readonly DaemonSet[], name: string, tag: string): string | undefined {
  const found = all.find(({ metadata }) => metadata.name === name);
  if (found === undefined) return `no daemonset ${name}`;
  const image = found.spec.template.spec.containers.find((container) => container.name === name)?.image ?? '';
  if (imageTag(image) !== tag) return `${name} has the image ${image}`;
  const { desiredNumberScheduled = 0, numberReady = 0 } = found.status ?? {};
  const counts = `${String(numberReady)}/${String(desiredNumberScheduled)}`;
  return desiredNumberScheduled > 0 && numberReady >= desiredNumberScheduled ? undefined : `${name} ${counts} ready`;
}

function engineImageProblem({ metadata, status }: ReturnType<typeof engineImages.parse>): string | undefined {
  return status?.state === 'deployed'
    ? undefined
    : `engine image ${metadata.name} is ${status?.state ?? 'without state'}`;
}

function nodesProblem(nodes: readonly ReturnType<typeof longhornNodes.parse>[]): string | undefined {
  if (nodes.length === 0) return 'Longhorn knows no node yet';
  const unready = nodes.filter(
    ({ status }) => !status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
  );
  return unready.length === 0
    ? undefined
    : `nodes not Ready: ${unready.map(({ metadata }) => metadata.name).join(', ')}`;
}

/** The setting has that value for V2, plain or as its entry of a JSON object. */
export function settingIs(target: ClusterTarget, name: SettingName, wanted: string): Condition {
  return condition({
    what: `setting ${name}`,
    expected: wanted,
    kubectl: longhornKubectl(target, ['get', 'settings.longhorn.io', name]),
    sources: { settings: { kind: settings, namespace, name } },
    until: (view) => {
      const value = view.settings[0]?.value;
      if (value === undefined) return pending('there is no such setting');
      return valueForV2(value) === wanted ? met(value) : pending(value);
    },
  });
}

/** A V2 instance manager runs on each of these nodes, with the release's image; on at least one if none is named. */
export function v2Runs(target: ClusterTarget, version: InstallableVersion, nodes: readonly string[]): Condition {
  const { tag } = releaseImages(version).longhorn.instanceManager;
  return condition({
    what: 'V2 instance managers',
    expected: `running with image ${tag} on ${nodes.length === 0 ? 'a node' : nodes.join(', ')}`,
    kubectl: longhornKubectl(target, ['get', 'instancemanagers.longhorn.io', '-l', 'longhorn.io/data-engine=v2']),
    shell: atLeast(Math.max(nodes.length, 1), {
      lines: longhornKubectl(target, [
        ...['get', 'instancemanagers.longhorn.io', '-l', 'longhorn.io/data-engine=v2'],
        ...['-o', 'jsonpath={range .items[*]}{.status.currentState}{"\\n"}{end}'],
      ]),
      like: 'running',
    }),
    sources: {
      instanceManagers: { kind: instanceManagers, namespace },
      warnings: { kind: events, namespace, fieldSelector: 'type=Warning,involvedObject.kind=Pod' },
    },
    until: (view) => {
      const running = view.instanceManagers.filter(
        ({ spec, status }) =>
          spec.dataEngine === 'v2' && status?.currentState === 'running' && imageTag(spec.image ?? '') === tag,
      );
      const on = new Set(running.flatMap(({ spec }) => (spec.nodeID === undefined ? [] : [spec.nodeID])));
      const missing = nodes.filter((node) => !on.has(node));
      const troubles = instanceManagerTroubles(view.instanceManagers, view.warnings);
      if (missing.length > 0) return pending([`none runs on ${missing.join(', ')}`, ...troubles].join('; '));
      return on.size > 0 ? met(`on ${[...on].sort().join(', ')}`) : pending(['none runs', ...troubles].join('; '));
    },
  });
}

/** These disks are in the nodes' spec; says nothing about whether they work. */
export function disksAdded(target: ClusterTarget, disks: readonly BlockDisk[]): Condition {
  return condition({
    what: 'block disks in the nodes',
    expected: disks.map(({ node, key }) => `${key} on ${node}`).join(', '),
    kubectl: longhornKubectl(target, ['get', 'nodes.longhorn.io', '-o', 'yaml']),
    sources: { longhornNodes: { kind: longhornNodes, namespace } },
    until: (view) => {
      const missing = disks.filter(
        ({ node, key }) =>
          view.longhornNodes.find(({ metadata }) => metadata.name === node)?.spec.disks?.[key] === undefined,
      );
      if (missing.length === 0) return met(`${String(disks.length)} disks`);
      return pending(`missing: ${missing.map(({ node, key }) => `${key} on ${node}`).join(', ')}`);
    },
  });
}

/** What a run needs: those block disks usable (two at least), and a filesystem disk that takes the image first. */
export function disksUsable(target: ClusterTarget, disks: readonly BlockDisk[]): Condition {
  return condition({
    what: 'disks',
    expected: 'the block disks Ready and Schedulable, two at least, and one filesystem disk',
    kubectl: longhornKubectl(target, ['get', 'nodes.longhorn.io', '-o', 'yaml']),
    shell: [
      atLeast(Math.max(disks.length, 2), { lines: diskLines(target), like: 'block True True' }),
      atLeast(1, { lines: diskLines(target), like: 'filesystem True True' }),
    ].join(' && '),
    sources: { longhornNodes: { kind: longhornNodes, namespace } },
    until: (view) => {
      const found = view.longhornNodes.flatMap((node) => disksOf(node));
      return usable(found, disks);
    },
  });
}

/** A line for each disk: its type, whether it is Ready, whether it is Schedulable. */
function diskLines(target: ClusterTarget): readonly string[] {
  const status = (type: string): string => `{.conditions[?(@.type=="${type}")].status}`;
  const line = `{.diskType} ${status('Ready')} ${status('Schedulable')}{"\\n"}`;
  const template = `jsonpath={range .items[*].status.diskStatus.*}${line}{end}`;
  return longhornKubectl(target, ['get', 'nodes.longhorn.io', '-o', template]);
}

function usable(found: readonly Disk[], wanted: readonly BlockDisk[]): Progress<string> {
  for (const { node, key } of wanted) {
    // With the NVMe driver a disk's name is its key and `n1` (longhorn-manager:controller/node_controller.go@v1.11.3).
    const disk = found.find((one) => one.node === node && (one.name === key || one.name === `${key}n1`));
    if (disk === undefined) return pending(`${key} on ${node} has no status yet`);
    if (disk.unusable !== undefined) return pending(`${key} on ${node}: ${disk.unusable}`);
  }
  const working = found.filter(({ unusable: problem }) => problem === undefined);
  const block = working.filter(({ type }) => type === 'block').length;
  if (block < 2) return pending(`${String(block)} usable block disks`);
  if (working.length === block) return pending('no usable filesystem disk: images are downloaded to one first');
  return met(`${String(block)} block disks, ${String(working.length - block)} filesystem disks`);
}
