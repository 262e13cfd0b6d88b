/** Disks and driver: where image, replicas and claims can go. */
import { csiDrivers, csiNodes } from '../../kubernetes/core-kinds.ts';
import { shellWord } from '../../kubernetes/reach.ts';
import { listDisks, type Disk } from '../disks.ts';
import { provisioner } from '../manifests.ts';
import { readSetting } from '../settings.ts';
import { rebuildDeletesImagesOfNode } from '../version.ts';
import type { Check, Look, Scene } from './check.ts';
import { v2Nodes } from './release.ts';

export const replicaCountCheck: Check = {
  id: 'replicas',
  name: 'there are replicas to compare',
  weight: 'verdict',
  look({ replicaCount }) {
    return Promise.resolve(
      replicaCount >= 2
        ? { state: 'ok', seen: `${String(replicaCount)} replicas` }
        : {
            state: 'missing',
            seen: 'a single replica has no other to be rebuilt from',
            remedy: ['ask for --replicas 2 or more'],
          },
    );
  },
};

export const blockDiskCheck: Check = {
  id: 'block-disks',
  name: 'each replica can have a block disk of its own',
  weight: 'verdict',
  of: 'longhorn',
  async look({ client, longhornNamespace, replicaCount, reach, environment }) {
    const [disks, softAntiAffinity, { images }] = await Promise.all([
      listDisks(client, longhornNamespace),
      readSetting(client, longhornNamespace, 'replica-soft-anti-affinity'),
      environment(),
    ]);
    const disksOfOneNode = rebuildDeletesImagesOfNode(images) ? 'lose their images' : 'keep their images';
    return blockDisksFor({ disks, replicaCount, longhornNamespace, reach, softAntiAffinity, disksOfOneNode });
  },
};

type BlockDiskQuestion = Pick<Scene, 'replicaCount' | 'longhornNamespace' | 'reach'> & {
  readonly disks: readonly Disk[];
  /** Value of the setting `replica-soft-anti-affinity`; `false` keeps two replicas off one node. */
  readonly softAntiAffinity: string | undefined;
  /** What a rebuild does to the other disks of its node. */
  readonly disksOfOneNode: 'lose their images' | 'keep their images';
};

/** Exported for its tests. */
export function blockDisksFor(question: BlockDiskQuestion): Look {
  const { disks, replicaCount, longhornNamespace, reach, softAntiAffinity, disksOfOneNode } = question;
  const block = disks.filter(({ type }) => type === 'block');
  const usable = block.filter(({ unusable }) => unusable === undefined);
  const diskCount = new Set(usable.map(({ uuid }) => uuid)).size;
  const nodeCount = new Set(usable.map(({ node }) => node)).size;
  const on = `${String(diskCount)} usable block disk${diskCount === 1 ? '' : 's'} on ${String(nodeCount)} node${nodeCount === 1 ? '' : 's'}`;
  const seen = `${on} for ${String(replicaCount)} replicas`;
  if (diskCount < replicaCount) {
    const consequence =
      'source and target of the rebuild would be on the same disk, where longhorn/longhorn#10340 cannot show';
    return {
      state: 'missing',
      seen: [seen, ...(diskCount === 1 ? [consequence] : []), ...block.flatMap(whyUnusable)].join('; '),
      remedy: [
        ...repairs(block, question),
        `add a clean block device to a node: ${patchNode(question, 'NODE', addedDisk('block-disk', 'block', '/dev/disk/by-id/ID'))}`,
      ],
    };
  }
  if (nodeCount < replicaCount && disksOfOneNode === 'lose their images') {
    return {
      state: 'missing',
      seen: `${seen}; up to 1.8.2 a rebuild deletes the images of the other disks of its node (longhorn/longhorn#10527), and the volume is faulted`,
      remedy: [...repairs(block, question), 'add block disks to more nodes, or verify Longhorn 1.9.0 or newer'],
    };
  }
  if (nodeCount < replicaCount && softAntiAffinity !== 'true') {
    const patch = `patch settings.longhorn.io replica-soft-anti-affinity --type=merge -p '{"value":"true"}'`;
    return {
      state: 'missing',
      seen: `${seen}, and setting replica-soft-anti-affinity keeps two replicas off one node`,
      remedy: [
        ...repairs(block, question),
        `add block disks to more nodes, or ${reach.kubectl} -n ${longhornNamespace} ${patch}`,
      ],
    };
  }
  return { state: 'ok', seen };
}

function whyUnusable({ name, node, unusable }: Disk): string[] {
  return unusable === undefined ? [] : [`${name} on ${node}: ${unusable}`];
}

type Place = Pick<Scene, 'longhornNamespace' | 'reach'>;

/** What to type for disks that are there and not usable, each command once. */
function repairs(disks: readonly Disk[], place: Place): string[] {
  const { reach, longhornNamespace } = place;
  const lines = disks.flatMap(({ node, key, unusable, switchedOff }) => {
    if (unusable === undefined) return [];
    switch (switchedOff) {
      case 'cordoned node':
        return [`${reach.kubectl} uncordon ${node}`];
      case 'node':
        return [patchNode(place, node, { allowScheduling: true })];
      case 'disk':
        return [patchNode(place, node, { disks: { [key]: { allowScheduling: true } } })];
      default:
        return [`${reach.kubectl} -n ${longhornNamespace} describe nodes.longhorn.io ${node}`];
    }
  });
  return [...new Set(lines)];
}

function patchNode({ reach, longhornNamespace }: Place, node: string, spec: object): string {
  const patch = shellWord(JSON.stringify({ spec }));
  return `${reach.kubectl} -n ${longhornNamespace} patch nodes.longhorn.io ${node} --type=merge -p ${patch}`;
}

function addedDisk(key: string, diskType: Disk['type'], path: string): object {
  return { disks: { [key]: { diskType, path, allowScheduling: true } } };
}

export const filesystemDiskCheck: Check = {
  id: 'filesystem-disk',
  name: 'a filesystem disk can take the image',
  weight: 'verdict',
  of: 'longhorn',
  async look({ client, longhornNamespace, reach }) {
    const place = { longhornNamespace, reach };
    const disks = (await listDisks(client, longhornNamespace)).filter(({ type }) => type === 'filesystem');
    const first = disks.find(({ unusable }) => unusable === undefined);
    if (first !== undefined)
      return { state: 'ok', seen: `${first.name} on ${first.node}: images are downloaded there first` };
    const why = 'V2 images too are downloaded to a filesystem disk first, and none is usable';
    const add = patchNode(place, 'NODE', addedDisk('default-disk', 'filesystem', '/var/lib/longhorn/'));
    return {
      state: 'missing',
      seen: [why, ...disks.flatMap(whyUnusable)].join('; '),
      remedy: disks.length === 0 ? [`add one to a node: ${add}`] : repairs(disks, place),
    };
  },
};

export const csiCheck: Check = {
  id: 'csi-driver',
  name: 'claims can become Longhorn volumes',
  weight: 'verdict',
  of: 'longhorn',
  async look({ client, longhornNamespace, reach }) {
    // The deployer makes driver and plugins anew (longhorn-manager:csi/deployment.go@v1.11.3).
    const remedy = [
      `${reach.kubectl} -n ${longhornNamespace} get pods -l app=longhorn-csi-plugin -o wide`,
      `${reach.kubectl} -n ${longhornNamespace} rollout restart deployment longhorn-driver-deployer`,
    ];
    if ((await client.find(csiDrivers, { name: provisioner })) === undefined) {
      return { state: 'missing', seen: `there is no CSIDriver ${provisioner}`, remedy };
    }
    const [registered, wanted] = await Promise.all([client.list(csiNodes), v2Nodes(client, longhornNamespace)]);
    const ready = registered.items
      .filter(({ spec }) => (spec.drivers ?? []).some(({ name }) => name === provisioner))
      .map(({ metadata }) => metadata.name);
    const without = wanted.filter((node) => !ready.includes(node));
    if (without.length === 0) return { state: 'ok', seen: `${provisioner} on ${String(ready.length)} nodes` };
    return { state: 'missing', seen: `${provisioner} is not registered on ${without.join(', ')}`, remedy };
  },
};
