/** What the hosts must have for V2: huge pages, kernel and its modules, packages. longhorn-facts §7.2 */
import type { KubeClient } from '../../kubernetes/client.ts';
import { nodes, type KubernetesNode } from '../../kubernetes/core-kinds.ts';
import { longhornNodes } from '../kinds.ts';
import { readSetting, valueForV2 } from '../settings.ts';
import type { Check } from './check.ts';

const mib = 2 ** 20;
/** longhorn-manager:controller/monitor/environment_check_monitor.go@v1.11.3 */
const defaultMemoryMib = 2048;
/** longhorn-manager:types/types.go@v1.11.3 */
const withoutV2Label = 'node.longhorn.io/disable-v2-data-engine';

export const hugePagesCheck: Check = {
  id: 'huge-pages',
  name: 'nodes have the huge pages that the V2 engine asks for',
  weight: 'advice',
  of: 'longhorn',
  async look({ client, longhornNamespace, reach }) {
    const wantedMib = await wantedHugePagesMib(client, longhornNamespace);
    if (wantedMib === 0) return { state: 'ok', seen: 'setting data-engine-hugepage-enabled says that none are used' };
    const items = await nodesWithLonghorn(client, longhornNamespace);
    const meant = items.filter(({ metadata }) => metadata.labels?.[withoutV2Label] !== 'true');
    const short = meant.filter((node) => hugePagesMib(node) < wantedMib);
    const shown = (some: readonly KubernetesNode[]): string =>
      some.map((node) => `${node.metadata.name} ${String(hugePagesMib(node))} MiB`).join(', ');
    if (short.length === 0)
      return { state: 'ok', seen: `${shown(meant)} allocatable, ${String(wantedMib)} MiB wanted` };
    const pages = String(Math.ceil(wantedMib / 2));
    return {
      state: 'missing',
      seen: `${String(wantedMib)} MiB of 2 MiB pages wanted, allocatable: ${shown(short)}`,
      remedy: [
        `on each of these nodes, as root: echo vm.nr_hugepages=${pages} > /etc/sysctl.d/90-longhorn-v2.conf && sysctl --system && systemctl restart kubelet`,
        'where kubelet is a part of another service, restart that: k3s, k3s-agent, rke2-server or rke2-agent',
        `or take them from V2: ${reach.kubectl} label node ${short.map(({ metadata }) => metadata.name).join(' ')} ${withoutV2Label}=true`,
      ],
    };
  },
};

/** The nodes that Longhorn knows; a control plane that is kept free of it needs nothing. */
async function nodesWithLonghorn(client: KubeClient, namespace: string): Promise<readonly KubernetesNode[]> {
  const [{ items }, known] = await Promise.all([client.list(nodes), client.list(longhornNodes, { namespace })]);
  const names = new Set(known.items.map(({ metadata }) => metadata.name));
  return names.size === 0 ? items : items.filter(({ metadata }) => names.has(metadata.name));
}

/** Since 1.10 `data-engine-memory-size` and a switch, before that one plain setting. 0 where huge pages are off. */
async function wantedHugePagesMib(client: KubeClient, namespace: string): Promise<number> {
  const [enabled, size, limit] = await Promise.all(
    (['data-engine-hugepage-enabled', 'data-engine-memory-size', 'v2-data-engine-hugepage-limit'] as const).map(
      (name) => readSetting(client, namespace, name),
    ),
  );
  if (enabled !== undefined && valueForV2(enabled) === 'false') return 0;
  const text = size ?? limit;
  const wanted = text === undefined ? Number.NaN : Number(valueForV2(text));
  return Number.isFinite(wanted) ? wanted : defaultMemoryMib;
}

function hugePagesMib({ status }: KubernetesNode): number {
  return quantityMib(status?.allocatable?.['hugepages-2Mi'] ?? '0');
}

/** Huge pages are whole numbers with a binary suffix. Exported for its tests. */
export function quantityMib(quantity: string): number {
  const match = /^(\d+)(Ki|Mi|Gi|Ti)?$/.exec(quantity);
  const factors: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
  return match === null ? 0 : (Number(match[1]) * (match[2] === undefined ? 1 : (factors[match[2]] ?? 1))) / mib;
}

const oldestKernel = { major: 5, minor: 19 } as const;

export const kernelCheck: Check = {
  id: 'kernel',
  name: 'kernels are new enough for the V2 engine',
  weight: 'advice',
  of: 'longhorn',
  async look({ client, longhornNamespace }) {
    const items = await nodesWithLonghorn(client, longhornNamespace);
    const kernels = items.map(({ metadata, status }) => ({
      node: metadata.name,
      version: status?.nodeInfo?.kernelVersion ?? '',
    }));
    const shown = [...new Set(kernels.map(({ version }) => version))].join(', ');
    const old = kernels.filter(({ version }) => isOlder(version));
    if (old.length === 0) return { state: 'ok', seen: `kernel ${shown}` };
    return {
      state: 'missing',
      seen: `older than 5.19: ${old.map(({ node, version }) => `${node} ${version}`).join(', ')}`,
      remedy: ['install a kernel of 5.19 or newer on these nodes; 6.7 or newer is recommended'],
    };
  },
};

function isOlder(version: string): boolean {
  const match = /^(\d+)\.(\d+)/.exec(version);
  if (match === null) return true;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < oldestKernel.major || (major === oldestKernel.major && minor < oldestKernel.minor);
}

/** Types that matter here, each with what to do. longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/node.go@v1.11.3 */
const hostConditions: Readonly<Record<string, string>> = {
  KernelModulesLoaded: 'on these nodes, as root: modprobe -a vfio_pci uio_pci_generic nvme_tcp dm_crypt',
  RequiredPackages: 'on these nodes, as root: install open-iscsi (or iscsi-initiator-utils), nfs-common and cryptsetup',
  MountPropagation: 'container mounts must be shared on these nodes: mount --make-rshared /',
  HugePagesAvailable: 'see huge pages',
};

export const hostConditionsCheck: Check = {
  id: 'host-conditions',
  name: "Longhorn's own checks of the hosts pass",
  weight: 'advice',
  of: 'longhorn',
  async look({ client, longhornNamespace }) {
    const { items } = await client.list(longhornNodes, { namespace: longhornNamespace });
    const relevant = items.flatMap(({ metadata, status }) =>
      (status?.conditions ?? []).flatMap((condition) =>
        hostConditions[condition.type] === undefined ? [] : [{ node: metadata.name, ...condition }],
      ),
    );
    if (relevant.length === 0) return { state: 'unknown', seen: 'no Longhorn node tells of its host' };
    const failed = relevant.filter(({ status }) => status !== 'True');
    const types = [...new Set(relevant.map(({ type }) => type))].join(', ');
    if (failed.length === 0) return { state: 'ok', seen: `${types} on ${String(items.length)} nodes` };
    return {
      state: 'missing',
      seen: failureWords(failed),
      remedy: [...new Set(failed.map(({ type }) => hostConditions[type] ?? ''))],
    };
  },
};

interface FailedCondition {
  readonly node: string;
  readonly type: string;
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
}

/**
 * One line, and each message once with all the nodes that tell it: Longhorn passes on what a failing program printed, over
 * several lines. Exported for its tests.
 */
export function failureWords(failed: readonly FailedCondition[]): string {
  const nodesOf = new Map<string, string[]>();
  for (const { node, type, message, reason = '' } of failed) {
    const words = `${type}: ${(message || reason).replace(/\s+/g, ' ').trim()}`;
    nodesOf.set(words, [...(nodesOf.get(words) ?? []), node]);
  }
  return [...nodesOf].map(([words, nodes]) => `${nodes.join(', ')}: ${words}`).join('; ');
}
