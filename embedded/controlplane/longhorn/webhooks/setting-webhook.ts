import type { KubeObject } from '../../../apiserver/store.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { Setting } from '../model/node.ts';
import type { SettingDefinition } from '../settings/definitions.ts';
import { invalid } from './denial.ts';
import type { Webhook } from './webhook.ts';

/** Source: longhorn-manager:webhook/resources/setting, datastore/longhorn.go ValidateSetting@v1.8.0, v1.11.3. */
export const settingWebhook: Webhook<Setting> = {
  mutateCreate(cluster, setting) {
    requireKnown(cluster, setting);
  },
  mutateUpdate(cluster, setting, old) {
    const definition = cluster.settings.definitions.get(setting.metadata.name);
    if (definition?.perEngine === true && setting.value !== old.value) setting.value = forAllEngines(definition, setting.value);
  },
  validateCreate(cluster, setting) {
    validateValue(cluster, setting);
  },
  validateUpdate(cluster, setting, old) {
    if (setting.value !== old.value) validateValue(cluster, setting);
  },
  validateDelete(cluster, setting) {
    const { name } = setting.metadata;
    if (!cluster.settings.definitions.has(name)) return;
    throw invalid(`setting ${name} can be modified but not deleted`, 'metadata.name');
  },
};

function requireKnown(cluster: LonghornCluster, setting: Setting): void {
  const { name } = setting.metadata;
  if (!cluster.settings.definitions.has(name)) {
    throw invalid(`setting ${name} does not exist`, 'metadata.name', 'mutator');
  }
}

/** A plain value of a per-engine setting counts for every engine it knows. */
function forAllEngines(definition: SettingDefinition, value: string): string {
  if (value.trimStart().startsWith('{')) return value;
  return JSON.stringify(Object.fromEntries(definition.engines.map((engine) => [engine, value])));
}

function validateValue(cluster: LonghornCluster, setting: Setting): void {
  const { name } = setting.metadata;
  const definition = cluster.settings.definitions.get(name);
  if (definition === undefined) return;
  const fault = formFault(definition, setting.value);
  const deny = (text: string): never => {
    throw invalid(`failed to validate setting ${name} with invalid value ${setting.value}: ${text}`, 'value');
  };
  if (fault !== undefined) deny(`value ${setting.value} of settings ${name} is invalid: ${fault}`);
  const state = stateFault(cluster, name, setting.value);
  if (state !== undefined) deny(state);
}

function formFault(definition: SettingDefinition, value: string): string | undefined {
  if (definition.required && value === '') return `required setting ${definition.name} shouldn't be empty`;
  const values = engineValues(definition, value);
  if (values === undefined) return `failed to parse value ${value} for setting ${displayName(definition.name)}`;
  if (definition.perEngine && Object.keys(values).length !== definition.engines.length) {
    return `mismatched data engines for setting ${displayName(definition.name)}`;
  }
  for (const [engine, text] of Object.entries(values)) {
    if (definition.perEngine && !definition.engines.includes(engine)) {
      return `data engine ${engine} is not supported for setting ${displayName(definition.name)}`;
    }
    const fault = valueFault(definition, engine, text, value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function engineValues(definition: SettingDefinition, value: string): Record<string, string> | undefined {
  if (!definition.perEngine || !value.trimStart().startsWith('{')) return { all: value };
  try {
    return JSON.parse(value) as Record<string, string>;
  } catch {
    return undefined;
  }
}

function valueFault(definition: SettingDefinition, engine: string, text: string, whole: string): string | undefined {
  const unreadable = `failed to parse value ${whole} for setting ${displayName(definition.name)}`;
  if (definition.type === 'bool' && text !== 'true' && text !== 'false') return unreadable;
  if (definition.type === 'int') {
    if (!/^-?\d+$/.test(text)) return unreadable;
    const which = `value ${text} for data engine ${engine} should be`;
    const { minimum, maximum } = definition;
    if (minimum !== undefined && Number(text) < minimum) return `${which} larger than or equal to ${String(minimum)}`;
    if (maximum !== undefined && Number(text) > maximum) return `${which} less than or equal to ${String(maximum)}`;
  }
  if (definition.choices !== undefined && !definition.choices.includes(text)) {
    return `value ${text} is not a valid choice, available choices [${definition.choices.join(' ')}]`;
  }
  return undefined;
}

/** `auto-salvage` → `Auto Salvage`. */
function displayName(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_match, dash: string, letter: string) => `${dash === '-' ? ' ' : ''}${letter.toUpperCase()}`);
}

function stateFault(cluster: LonghornCluster, name: string, value: string): string | undefined {
  const exclusive = new Map([
    ['auto-cleanup-system-generated-snapshot', 'disable-snapshot-purge'],
    ['disable-snapshot-purge', 'auto-cleanup-system-generated-snapshot'],
  ]).get(name);
  if (exclusive !== undefined && value === 'true' && cluster.settings.flag(exclusive)) {
    return `cannot set ${name} setting to true when ${exclusive} setting is true`;
  }
  if (name !== 'v2-data-engine' && name !== 'v1-data-engine') return undefined;
  const dataEngine = name === 'v2-data-engine' ? 'v2' : 'v1';
  const attached = cluster.engines
    .list()
    .some((engine) => engine.spec.dataEngine === dataEngine && engine.status?.currentState === 'running');
  if (value === 'false' && attached) {
    return `cannot apply ${name} setting to Longhorn workloads when there are attached ${dataEngine} volumes`;
  }
  return value === 'true' && dataEngine === 'v2' ? hugepageFault(cluster) : undefined;
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
      const numbers = `requested ${requested}, capacity ${capacity}`;
      return `not enough hugepages-2Mi capacity for node ${node.metadata.name}, ${numbers}`;
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
