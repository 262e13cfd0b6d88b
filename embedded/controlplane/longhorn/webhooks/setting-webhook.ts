import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { Setting } from '../model/node.ts';
import { cpuMask } from './cpu-mask.ts';
import { invalid } from './denial.ts';
import { formFault } from './setting-form.ts';
import { stateFault } from './setting-state.ts';
import { completeValue } from './setting-values.ts';
import type { Webhook } from './webhook.ts';

/** Longhorn's own updates carry it, and only they may change what is read-only. */
const fromLonghorn = 'longhorn.io/update-setting-from-longhorn';

/** Source: longhorn-manager:webhook/resources/setting, datastore/longhorn.go ValidateSetting@v1.8.0..v1.12.1. */
export const settingWebhook: Webhook<Setting> = {
  mutateCreate: complete,
  mutateUpdate: complete,
  validateCreate: validateValue,
  validateUpdate(cluster, setting, old) {
    const { name, annotations } = setting.metadata;
    const definition = cluster.settings.definitions.get(name);
    if (definition === undefined) throw invalid(`setting ${name} does not exist`, 'metadata.name');
    const own = annotations?.[fromLonghorn] ?? old.metadata.annotations?.[fromLonghorn];
    if (definition.readOnly && own === undefined) throw invalid(`setting ${name} is read-only`, 'metadata.name');
    validateValue(cluster, setting);
  },
  validateDelete(cluster, setting) {
    const { name } = setting.metadata;
    if (!cluster.settings.definitions.has(name)) return;
    throw invalid(`setting ${name} can be modified but not deleted`, 'metadata.name');
  },
};

/** There is a mutator since 1.10.0: per-engine values become complete there. */
function complete(cluster: LonghornCluster, setting: Setting): void {
  if (!isInVersionRange(cluster.profile.version, '1.10.0..')) return;
  const { name } = setting.metadata;
  const definition = cluster.settings.definitions.get(name);
  if (definition === undefined) throw invalid(`setting ${name} does not exist`, 'metadata.name', 'mutator');
  const value = completeValue(definition, setting.value);
  if ('fault' in value)
    throw invalid(`failed to get valid value for setting ${name}: ${value.fault}`, 'value', 'mutator');
  setting.value = name === 'data-engine-cpu-mask' ? normalizedMasks(cluster, value.value) : value.value;
}

function normalizedMasks(cluster: LonghornCluster, value: string): string {
  if (!isInVersionRange(cluster.profile.version, '1.12.0..')) return value;
  const masks = Object.entries(JSON.parse(value) as Record<string, string>).map(([engine, text]) => {
    const mask = cpuMask(text);
    if ('value' in mask) return [engine, mask.value] as const;
    const fault = `failed to normalize CPU mask for data engine ${engine}: ${mask.fault}`;
    throw invalid(`failed to normalize value for setting data-engine-cpu-mask: ${fault}`, 'value', 'mutator');
  });
  return JSON.stringify(Object.fromEntries(masks));
}

function validateValue(cluster: LonghornCluster, setting: Setting): void {
  const { name } = setting.metadata;
  const { value } = setting;
  const { version } = cluster.profile;
  const deny = (text: string): never => {
    const what = isInVersionRange(version, '1.10.0..') ? 'validate setting' : 'set the setting';
    throw invalid(`failed to ${what} ${name} with invalid value ${value}: ${text}`, 'value');
  };
  const definition = cluster.settings.definitions.get(name);
  const form = definition === undefined ? `setting ${name} is not supported` : formFault(definition, value, version);
  if (form !== undefined) deny(`value ${value} of settings ${name} is invalid: ${form}`);
  const state = stateFault(cluster, name, value);
  if (state !== undefined) deny(state);
}
