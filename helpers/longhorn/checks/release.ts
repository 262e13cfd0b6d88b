/** Which release runs, and whether its V2 engine is on and running. */
import type { KubeClient } from '../../kubernetes/client.ts';
import { events } from '../../kubernetes/core-kinds.ts';
import { instanceManagerTroubles } from '../instance-manager-troubles.ts';
import { instanceManagers } from '../kinds.ts';
import { readSetting, valueForV2 } from '../settings.ts';
import { versionWindow } from '../version.ts';
import { longhornCheckId, type Check } from './check.ts';

export const releaseCheck: Check = {
  id: longhornCheckId,
  name: 'Longhorn has V2 backing images',
  weight: 'verdict',
  async look({ environment, longhornNamespace, reach: { kubectl } }) {
    const { images } = await environment();
    if (Object.keys(images).length === 0) {
      return {
        state: 'missing',
        seen: `no longhorn-manager runs in namespace ${longhornNamespace}`,
        remedy: [
          `${kubectl} get pods -A -l app=longhorn-manager shows where it is: give that namespace as --longhorn-namespace`,
          'or install Longhorn 1.8.0 to 1.11.x: https://longhorn.io/docs/latest/deploy/install/',
        ],
      };
    }
    const { state, detail } = versionWindow(images).premise;
    if (state === 'met') return { state: 'ok', seen: detail };
    const hasClones = versionWindow(images, 'linked-clone').premise.state === 'met';
    return {
      state: 'missing',
      seen: detail,
      remedy: [
        'use a cluster with Longhorn 1.8.0 to 1.11.x of fixed image tags',
        ...(hasClones ? ['or let doctor and verify look at linked clones: --shared-parent linked-clone'] : []),
      ],
    };
  },
};

export const cloneReleaseCheck: Check = {
  id: longhornCheckId,
  name: 'Longhorn rebuilds replicas of linked clones',
  weight: 'verdict',
  async look({ environment }) {
    const { images } = await environment();
    const { state, detail } = versionWindow(images, 'linked-clone').premise;
    if (state === 'met') return { state: 'ok', seen: detail };
    return { state: 'missing', seen: detail, remedy: ['use a cluster with Longhorn 1.12.1 or newer'] };
  },
};

export const engineSettingCheck: Check = {
  id: 'v2-data-engine',
  name: 'the V2 data engine is enabled',
  weight: 'verdict',
  of: 'longhorn',
  async look({ client, longhornNamespace, reach: { kubectl } }) {
    const value = await readSetting(client, longhornNamespace, 'v2-data-engine');
    const effective = value === undefined ? 'absent' : valueForV2(value);
    if (effective === 'true') return { state: 'ok', seen: 'setting v2-data-engine is true' };
    const patch = `patch settings.longhorn.io v2-data-engine --type=merge -p '{"value":"true"}'`;
    return {
      state: 'missing',
      seen: `setting v2-data-engine is ${effective}`,
      remedy: [`${kubectl} -n ${longhornNamespace} ${patch}`, 'then add block disks to the nodes'],
    };
  },
};

export const instanceManagerCheck: Check = {
  id: 'instance-managers',
  name: 'a V2 instance manager runs',
  weight: 'verdict',
  of: 'longhorn',
  async look({ client, longhornNamespace, reach: { kubectl } }) {
    const nodes = await v2Nodes(client, longhornNamespace);
    if (nodes.length > 0) return { state: 'ok', seen: `on ${nodes.join(', ')}` };
    const [managers, warnings] = await Promise.all([
      client.list(instanceManagers, { namespace: longhornNamespace }),
      client.list(events, { namespace: longhornNamespace, fieldSelector: 'type=Warning,involvedObject.kind=Pod' }),
    ]);
    const troubles = instanceManagerTroubles(managers.items, warnings.items);
    return {
      state: 'missing',
      seen: ['on no node', ...troubles].join('; '),
      remedy: [
        'the V2 data engine and huge pages come first, see above',
        `${kubectl} -n ${longhornNamespace} get events --field-selector type=Warning,involvedObject.kind=Pod`,
      ],
    };
  },
};

/** Nodes with a running V2 instance manager: a V2 volume can be attached there. Sorted. */
export async function v2Nodes(client: KubeClient, namespace: string): Promise<string[]> {
  const { items } = await client.list(instanceManagers, { namespace });
  const running = items.filter(({ spec, status }) => spec.dataEngine === 'v2' && status?.currentState === 'running');
  return [...new Set(running.flatMap(({ spec }) => (spec.nodeID === undefined ? [] : [spec.nodeID])))].sort();
}
