/** Turning V2 on and giving it disks, in the order that Longhorn wants: setting, instance managers, disks. */
import type { SettingName } from '../../../helpers/longhorn/settings.ts';
import type { BlockDisk } from '../layout.ts';
import { lookForCondition } from '../plan/look.ts';
import { type Action, command, done, needed, type Step } from '../plan/step.ts';
import type { ClusterRequest } from '../request.ts';
import { disksAdded, disksUsable, settingIs, v2Runs } from './conditions.ts';
import { longhornKubectl } from './kubectl.ts';
import { kindClusterStep } from '../kind/cluster.ts';

const readyTimeoutMs = 10 * 60_000;

/** Both settings are plain text in every release from 1.8.0 to 1.12.1 (longhorn-manager:types/setting.go). */
export function settingStep(request: ClusterRequest, name: SettingName, title: string): Step {
  const set = (value: string): Action => {
    const patch = JSON.stringify({ value });
    return command(longhornKubectl(request, ['patch', 'settings.longhorn.io', name, '--type', 'merge', '-p', patch]));
  };
  return {
    id: `setting-${name}`,
    title,
    check: lookForCondition(settingIs(request, name, 'true')),
    does: { kind: 'actions', actions: [set('true')] },
    undo:
      request.provider.kind === 'kind'
        ? { kind: 'with', step: kindClusterStep }
        : { kind: 'actions', there: lookForCondition(settingIs(request, name, 'true')), actions: [set('false')] },
  };
}

export function v2RunsStep(request: ClusterRequest, nodes: readonly string[]): Step {
  const condition = v2Runs(request, request.longhorn, nodes);
  return {
    id: 'v2-instance-managers',
    title: 'V2 instance managers run',
    check: lookForCondition(condition),
    does: { kind: 'actions', actions: [{ kind: 'wait', condition, timeoutMs: readyTimeoutMs }] },
    undo: { kind: 'nothing', because: 'Longhorn makes and removes them' },
  };
}

/** longhorn-manager:webhook/resources/node/validator.go@v1.11.3: a change too soon after another is to be tried again. */
const whenRefused = { words: 'are being syncing and please retry later', attempts: 24, pauseMs: 5_000 };

function patchNode(request: ClusterRequest, node: string, disks: Readonly<Record<string, unknown>>): Action {
  const patch = JSON.stringify({ spec: { disks } });
  return command(longhornKubectl(request, ['patch', 'nodes.longhorn.io', node, '--type', 'merge', '-p', patch]), {
    whenRefused,
  });
}

export function blockDiskSteps(request: ClusterRequest, disks: readonly BlockDisk[]): Step[] {
  const nodes = [...new Set(disks.map(({ node }) => node))];
  return nodes.map((node) =>
    blockDiskStep(
      request,
      node,
      disks.filter((disk) => disk.node === node),
    ),
  );
}

function blockDiskStep(request: ClusterRequest, node: string, disks: readonly BlockDisk[]): Step {
  const entries = (entry: (disk: BlockDisk) => unknown): Record<string, unknown> =>
    Object.fromEntries(disks.map((disk) => [disk.key, entry(disk)]));
  const added = disksAdded(request, disks);
  return {
    id: `block-disks-${node}`,
    title: `block disks of ${node}: ${disks.map(({ path }) => path).join(', ')}`,
    check: lookForCondition(added),
    does: { kind: 'actions', actions: [patchNode(request, node, entries(diskSpec))] },
    undo:
      request.provider.kind === 'kind'
        ? { kind: 'with', step: kindClusterStep }
        : {
            kind: 'actions',
            there: lookForAny(request, disks),
            actions: [
              // A disk has to be disabled and unused before it may go.
              patchNode(
                request,
                node,
                entries(() => ({ allowScheduling: false })),
              ),
              patchNode(
                request,
                node,
                entries(() => null),
              ),
            ],
          },
  };
}

function lookForAny(request: ClusterRequest, disks: readonly BlockDisk[]): Step['check'] {
  const conditions = disks.map((disk) => disksAdded(request, [disk]));
  return {
    text: lookForCondition(disksAdded(request, disks)).text,
    look: async (world) => {
      const seen = await Promise.all(conditions.map((condition) => world.cluster.look(condition)));
      return seen.some(({ state }) => state === 'met') ? done('added') : needed('not there');
    },
  };
}

/** longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/node.go DiskSpec@v1.8.1 */
function diskSpec({ path, driver }: BlockDisk): Record<string, unknown> {
  const rest = { allowScheduling: true, evictionRequested: false, storageReserved: 0, tags: [] };
  return { diskType: 'block', diskDriver: driver, path, ...rest };
}

export function disksUsableStep(request: ClusterRequest, disks: readonly BlockDisk[]): Step {
  const condition = disksUsable(request, disks);
  return {
    id: 'disks-usable',
    title: 'block disks are ready, and a filesystem disk can take the image',
    check: lookForCondition(condition),
    does:
      disks.length > 0
        ? { kind: 'actions', actions: [{ kind: 'wait', condition, timeoutMs: readyTimeoutMs }] }
        : { kind: 'person', as: 'you', commands: ['# name raw devices: --block-disks NODE=/dev/…,NODE=/dev/…'] },
    undo: { kind: 'nothing', because: 'it is a look' },
  };
}
