import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornVersion } from '../../../versions/profile.ts';
import type { SettingDefinition } from '../settings/definitions.ts';
import { parseInteger } from './go-words.ts';
import { textFault } from './setting-text.ts';
import { isJsonObject, readValues } from './setting-values.ts';
import type { EngineValues } from './setting-values.ts';

/**
 * Why a value cannot be one of the setting, whatever the state of the cluster; undefined when it can.
 * Source: longhorn-manager:types/setting.go ValidateSetting@v1.8.0, v1.9.2, v1.10.0, v1.11.3, v1.12.1.
 */
export function formFault(definition: SettingDefinition, text: string, version: LonghornVersion): string | undefined {
  if (definition.required && text === '') return `required setting ${definition.name} shouldn't be empty`;
  if (isInVersionRange(version, '1.10.0..'))
    return definition.type === 'deprecated' ? undefined : engineFault(definition, text, version);
  const fault = plainFault(definition, text);
  return fault === undefined ? undefined : `failed to validate the setting ${definition.name}: ${fault}`;
}

function engineFault(definition: SettingDefinition, text: string, version: LonghornVersion): string | undefined {
  const { displayName } = definition;
  // Up to 1.10.2 a value in JSON was read as one for each engine where there are none, too.
  const json = isJsonObject(text.trim()) && (definition.perEngine || isInVersionRange(version, '..1.10.2'));
  const read = readValues(definition, text, json);
  if ('fault' in read) return `failed to parse value ${text} for setting ${displayName}: ${read.fault}`;
  const values = read.value;
  if (values.size === 0) return `failed to parse value ${text} for setting ${displayName}, value cannot be empty`;
  const engines = definition.perEngine ? definition.engines : ['all'];
  if (values.size !== engines.length) return `mismatched data engines for setting ${displayName}`;
  for (const engine of values.keys()) {
    if (!engines.includes(engine)) return `data engine ${engine} is not supported for setting ${displayName}`;
  }
  if (definition.type === 'string') return stringFault(definition, values, version);
  return definition.type === 'bool' ? undefined : numberFault(definition, values);
}

function numberFault({ minimum, maximum, choices }: SettingDefinition, values: EngineValues): string | undefined {
  const faults: string[] = [];
  for (const [engine, text] of values) {
    const which = `value ${text} for data engine ${engine} should be`;
    if (minimum !== undefined && Number(text) < minimum)
      faults.push(`${which} larger than or equal to ${String(minimum)}`);
    else if (maximum !== undefined && Number(text) > maximum)
      faults.push(`${which} less than or equal to ${String(maximum)}`);
    else if (choices !== undefined) return choiceFault(choices, text);
  }
  return faults.length === 0 ? undefined : faults.join('\n');
}

function stringFault(
  { name, choices }: SettingDefinition,
  values: EngineValues,
  version: LonghornVersion,
): string | undefined {
  for (const text of values.values()) {
    const fault = (choices === undefined ? undefined : choiceFault(choices, text)) ?? textFault(name, text, version);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function choiceFault(choices: readonly string[], text: string): string | undefined {
  return choices.includes(text)
    ? undefined
    : `value ${text} is not a valid choice, available choices [${choices.join(' ')}]`;
}

function plainFault({ name, type, choices, minimum, maximum }: SettingDefinition, text: string): string | undefined {
  switch (type) {
    case 'bool':
      return text === 'true' || text === 'false' ? undefined : `value ${text} should be true or false`;
    case 'int': {
      const read = parseInteger(text, 'Atoi');
      if ('fault' in read) return `value ${text} is not a number: ${read.fault}`;
      const which = `value ${String(read.value)} should be`;
      if (minimum !== undefined && read.value < minimum) return `${which} larger than ${String(minimum)}`;
      return maximum !== undefined && read.value > maximum ? `${which} less than ${String(maximum)}` : undefined;
    }
    case 'string':
      return choices === undefined ? textFault(name, text, '1.9.2') : choiceFault(choices, text);
    default:
      return undefined;
  }
}
