/** Disks and driver: where image, replicas and claims can go. */
import { csiDrivers, csiNodes } from '../../kubernetes/core-kinds.ts';
import { listDisks, type Disk } from '../disks.ts';
import { provisioner } from '../manifests.ts';
import { readSetting } from '../settings.ts';
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
  async look({ client, longhornNamespace, replicaCount, kubectl }) {
    const [disks, softAntiAffinity] = await Promise.all([
      listDisks(client, longhornNamespace),
      readSetting(client, longhornNamespace, 'replica-soft-anti-affinity'),
    ]);
    return blockDisksFor({ disks, replicaCount, longhornNamespace, kubectl, softAntiAffinity });
  },
};

type BlockDiskQuestion = Pick<Scene, 'replicaCount' | 'longhornNamespace' | 'kubectl'> & {
  readonly disks: readonly Disk[];
  /** Value of the setting `replica-soft-anti-affinity`; `false` keeps two replicas off one node. */
  readonly softAntiAffinity: string | undefined;
};

/** Exported for its tests. */
export function blockDisksFor(question: BlockDiskQuestion): Look {
  const { disks, replicaCount, longhornNamespace, kubectl, softAntiAffinity } = question;
  const block = disks.filter(({ type }) => type === 'block');
  const usable = block.filter(({ unusable }) => unusable === undefined);
  const diskCount = new Set(usable.map(({ uuid }) => uuid)).size;
  const nodeCount = new Set(usable.map(({ node }) => node)).size;
  const on = `${String(diskCount)} usable block disk${diskCount === 1 ? '' : 's'} on ${String(nodeCount)} node${nodeCount === 1 ? '' : 's'}`;
  const seen = `${on} for ${String(replicaCount)} replicas`;
  const unusable = block.flatMap((disk) =>
    disk.unusable === undefined ? [] : [`${disk.name} on ${disk.node}: ${disk.unusable}`],
  );
  if (diskCount < replicaCount) {
    const consequence =
      'source and target of the rebuild would be on the same disk, where longhorn/longhorn#10340 cannot show';
    return {
      state: 'missing',
      seen: [seen, consequence, ...unusable].join('; '),
      remedy: [
        `add a clean block device to a node: ${kubectl} -n ${longhornNamespace} patch nodes.longhorn.io NODE --type=merge -p ` +
          `'{"spec":{"disks":{"block-disk":{"diskType":"block","path":"/dev/disk/by-id/ID","allowScheduling":true}}}}'`,
      ],
    };
  }
  if (nodeCount < replicaCount && softAntiAffinity !== 'true') {
    const patch = `patch settings.longhorn.io replica-soft-anti-affinity --type=merge -p '{"value":"true"}'`;
    return {
      state: 'missing',
      seen: `${seen}, and setting replica-soft-anti-affinity keeps two replicas off one node`,
      remedy: [`add block disks to more nodes, or ${kubectl} -n ${longhornNamespace} ${patch}`],
    };
  }
  return { state: 'ok', seen };
}

export const filesystemDiskCheck: Check = {
  id: 'filesystem-disk',
  name: 'a filesystem disk can take the image',
  weight: 'verdict',
  async look({ client, longhornNamespace, kubectl }) {
    const disks = await listDisks(client, longhornNamespace);
    const usable = disks.filter(({ type, unusable }) => type === 'filesystem' && unusable === undefined);
    const [first] = usable;
    if (first !== undefined)
      return { state: 'ok', seen: `${first.name} on ${first.node}: images are downloaded there first` };
    return {
      state: 'missing',
      seen: 'V2 images too are downloaded to a filesystem disk first, and none is usable',
      remedy: [
        `${kubectl} -n ${longhornNamespace} patch nodes.longhorn.io NODE --type=merge -p ` +
          `'{"spec":{"disks":{"default-disk":{"diskType":"filesystem","path":"/var/lib/longhorn/","allowScheduling":true}}}}'`,
      ],
    };
  },
};

export const csiCheck: Check = {
  id: 'csi-driver',
  name: 'claims can become Longhorn volumes',
  weight: 'verdict',
  async look({ client, longhornNamespace, kubectl }) {
    const remedy = [
      `${kubectl} -n ${longhornNamespace} get pods -l app=longhorn-csi-plugin; restart longhorn-driver-deployer`,
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
