import type { KubeObject } from '../../../apiserver/store.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { parseBool, parseInteger, quoted } from './go-words.ts';
import { oldCpuMaskFault } from './setting-text.ts';
import { isJsonObject } from './setting-values.ts';

const exclusive = new Map([
  ['auto-cleanup-system-generated-snapshot', 'disable-snapshot-purge'],
  ['disable-snapshot-purge', 'auto-cleanup-system-generated-snapshot'],
]);

/**
 * Why the cluster as it is cannot have a value; undefined when it can.
 * Source: longhorn-manager:datastore/longhorn.go ValidateSetting@v1.8.0, v1.9.2, v1.10.0, v1.11.3, v1.12.1.
 */
export function stateFault(cluster: LonghornCluster, name: string, value: string): string | undefined {
  const other = exclusive.get(name);
  if (other !== undefined) {
    const both = value === 'true' && cluster.settings.flag(other);
    return both ? `cannot set ${name} setting to true when ${other} setting is true` : undefined;
  }
  switch (name) {
    case 'priority-class':
      if (
        value === '' ||
        cluster.store.get({ resource: 'priorityclasses.scheduling.k8s.io', name: value }) !== undefined
      )
        return undefined;
      return `failed to get priority class ${value} before modifying priority class setting: priorityclass.scheduling.k8s.io ${quoted(value)} not found`;
    case 'default-longhorn-static-storage-class':
      if (
        value === 'longhorn-static' ||
        cluster.store.get({ resource: 'storageclasses.storage.k8s.io', name: value }) !== undefined
      )
        return undefined;
      return `cannot use a storage class ${value} that does not exist to set the setting ${name}: storageclass.storage.k8s.io ${quoted(value)} not found`;
    case 'snapshot-max-count':
      return Number(value) < 2 || Number(value) > 250 ? `${name} should be between 2 and 250` : undefined;
    case 'v1-data-engine':
    case 'v2-data-engine':
      return dataEngineFault(cluster, name, value);
    case 'v2-data-engine-cpu-mask':
      return oldCpuMaskFault(value, cluster.settings.number('v2-data-engine-guaranteed-instance-manager-cpu'));
    case 'guaranteed-instance-manager-cpu':
    case 'v2-data-engine-guaranteed-instance-manager-cpu':
      return reservationFault(cluster, name, value);
    case 'data-engine-number-of-cpu-cores':
      return coreNumberFault(cluster, value);
    default:
      return undefined;
  }
}

function dataEngineFault(
  cluster: LonghornCluster,
  name: 'v1-data-engine' | 'v2-data-engine',
  value: string,
): string | undefined {
  if (cluster.settings.text(name) === value) return undefined;
  const wanted = parseBool(value);
  const dataEngine = name === 'v2-data-engine' ? 'v2' : 'v1';
  const on = 'value' in wanted && wanted.value;
  const attached = cluster.engines
    .list()
    .some((engine) => engine.spec.dataEngine === dataEngine && engine.status?.currentState === 'running');
  if (!on && attached)
    return `cannot apply ${name} setting to Longhorn workloads when there are attached ${dataEngine} volumes`;
  return on && dataEngine === 'v2' ? hugepageFault(cluster) : undefined;
}

/** Every node that is not excluded must have enough 2 MiB pages. */
function hugepageFault(cluster: LonghornCluster): string | undefined {
  const plain = cluster.settings.definitions.has('v2-data-engine-hugepage-limit');
  const neededMiB = cluster.settings.number(plain ? 'v2-data-engine-hugepage-limit' : 'data-engine-memory-size', 'v2');
  if (!plain && !cluster.settings.flag('data-engine-hugepage-enabled', 'v2')) return undefined;
  for (const node of cluster.store.list('nodes')) {
    if (node.metadata.labels?.['node.longhorn.io/disable-v2-data-engine'] === 'true') continue;
    if (cluster.nodes.get(node.metadata.name) === undefined) continue;
    const capacity = capacityOf(node);
    if (capacity === undefined) return `failed to get hugepages-2Mi capacity for node ${node.metadata.name}`;
    if (toMiB(capacity) < neededMiB) {
      const requested = neededMiB % 1024 === 0 ? `${String(neededMiB / 1024)}Gi` : `${String(neededMiB)}Mi`;
      return `not enough hugepages-2Mi capacity for node ${node.metadata.name}, requested ${requested}, capacity ${capacity}`;
    }
  }
  return undefined;
}

function capacityOf(node: KubeObject): string | undefined {
  return (node.status as { capacity?: Record<string, string> } | undefined)?.capacity?.['hugepages-2Mi'];
}

function toMiB(quantity: string): number {
  const match = /^(\d+)(Ki|Mi|Gi)?$/.exec(quantity);
  const factor = { Ki: 1 / 1024, Mi: 1, Gi: 1024 }[match?.[2] ?? ''] ?? 1 / 2 ** 20;
  return Number(match?.[1] ?? 0) * factor;
}

/** Looked at once more up to 1.9; later the range of the setting is all there is. */
function reservationFault({ profile, settings }: LonghornCluster, name: string, value: string): string | undefined {
  if (isInVersionRange(profile.version, '1.10.0..')) return undefined;
  const { minimum = 0, maximum = 0 } = settings.definitions.get(name) ?? {};
  const words = 'invalid requested instance manager CPUs. Valid instance manager CPU range';
  if (isInVersionRange(profile.version, '1.9.0-rc2..')) {
    return Number(value) < minimum ? `${words} is larger than ${String(minimum)} millicpu` : undefined;
  }
  const outside = Number(value) < minimum || Number(value) > maximum;
  return outside ? `${words} between ${String(minimum)} - ${String(maximum)} millicpu` : undefined;
}

/** Source: longhorn-manager:datastore/longhorn.go ValidateDataEngineCoreNumber@v1.12.1. */
function coreNumberFault(cluster: LonghornCluster, value: string): string | undefined {
  const values = isJsonObject(value) ? (JSON.parse(value) as Record<string, string>) : { v2: value };
  for (const [engine, text] of Object.entries(values)) {
    const read = parseInteger(text, 'Atoi');
    if ('fault' in read || read.value === 0) continue;
    if (cluster.nodes.list().every((node) => node.status?.cpuPolicy?.toLowerCase() === 'static')) continue;
    const why = 'when not all nodes have CPU manager policy configured';
    return `CPU core number for data engine ${engine} cannot be set to ${String(read.value)} ${why}`;
  }
  return undefined;
}
