import type { SettingDefinition } from '../settings/definitions.ts';
import { parseBool, parseDecimal, parseInteger } from './go-words.ts';
import type { Parsed } from './go-words.ts';

/** What a per-engine setting of 1.10.0 and later says for each data engine; `all` where it is not per engine. */
export type EngineValues = ReadonlyMap<string, string>;

/**
 * Reads a value, plain or as JSON, in the words of longhorn-manager.
 * Source: longhorn-manager:types/setting.go ParseDataEngineSpecificSetting, ParseSettingSingleValue@v1.10.0, v1.12.1.
 */
export function readValues(
  definition: SettingDefinition,
  text: string,
  json = definition.perEngine && isJsonObject(text),
): Parsed<EngineValues> {
  if (!json) return readPlain(definition, text);
  if (!definition.perEngine)
    return { fault: 'JSON-formatted value is not supported for non-data-engine-specific setting' };
  const entries = Object.entries(JSON.parse(text) as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
  const odd = entries.find(([, value]) => typeof value !== 'string');
  if (odd !== undefined) {
    return {
      fault: `failed to parse JSON-formatted value ${text}: json: cannot unmarshal ${jsonKind(odd[1])} into Go value of type string`,
    };
  }
  const values = new Map<string, string>();
  const faults: string[] = [];
  for (const [engine, value] of entries as [string, string][]) {
    const read = readOne(definition, value);
    if ('fault' in read)
      faults.push(`failed to parse ${definition.type} value ${value} for data engine ${engine}: ${read.fault}`);
    else values.set(engine, read.value);
  }
  return faults.length === 0 ? { value: values } : { fault: faults.join('\n') };
}

function readPlain(definition: SettingDefinition, text: string): Parsed<EngineValues> {
  const read = readOne(definition, text.trim());
  if ('fault' in read) return { fault: `failed to parse single ${definition.type} value ${text}: ${read.fault}` };
  const engines = definition.perEngine ? definition.engines : ['all'];
  return { value: new Map(engines.map((engine) => [engine, read.value])) };
}

/** The value as Go prints it once it has read it. */
function readOne(definition: SettingDefinition, text: string): Parsed<string> {
  if (definition.type === 'string' || definition.type === 'deprecated') return { value: text };
  const read =
    definition.type === 'bool' ? parseBool(text) : definition.type === 'int' ? parseInteger(text) : parseDecimal(text);
  return 'fault' in read ? read : { value: String(read.value) };
}

/** Source: longhorn-manager:types/setting.go IsJSONFormat@v1.12.1. */
export function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/**
 * What the mutator makes of the value of a per-engine setting: an object with the engines that it knows.
 * Source: longhorn-manager:datastore/longhorn.go GetSettingValidValue@v1.10.0, v1.12.1.
 */
export function completeValue(definition: SettingDefinition, text: string): Parsed<string> {
  if (!definition.perEngine) return { value: text };
  const read = readValues(definition, text);
  if ('fault' in read) return read;
  const kept = [...read.value].filter(([engine]) => definition.engines.includes(engine));
  return { value: JSON.stringify(Object.fromEntries(kept)) };
}
