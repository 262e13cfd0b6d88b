import type { Setting } from '../model/node.ts';
import type { DataEngine } from '../model/instance.ts';
import type { Table } from '../cluster/table.ts';
import type { SettingDefinition } from './definitions.ts';

/** What controllers read of the settings: always the stored value of this moment. */
export interface Settings {
  readonly definitions: ReadonlyMap<string, SettingDefinition>;
  text(name: string, dataEngine?: DataEngine): string;
  flag(name: string, dataEngine?: DataEngine): boolean;
  number(name: string, dataEngine?: DataEngine): number;
}

export function createSettings(table: Table<Setting>, definitions: ReadonlyMap<string, SettingDefinition>): Settings {
  const text = (name: string, dataEngine?: DataEngine): string => {
    const definition = definitions.get(name);
    const value = table.get(name)?.value ?? definition?.defaultValue ?? '';
    if (definition?.perEngine !== true) return value;
    return engineValue(value, dataEngine ?? 'v2') ?? engineValue(definition.defaultValue, dataEngine ?? 'v2') ?? '';
  };
  return {
    definitions,
    text,
    // Go reads more words for true than one.
    flag: (name, dataEngine) => /^(1|t|T|TRUE|true|True)$/.test(text(name, dataEngine)),
    number: (name, dataEngine) => Number(text(name, dataEngine)),
  };
}

function engineValue(value: string, dataEngine: DataEngine): string | undefined {
  if (!value.trimStart().startsWith('{')) return value;
  return (JSON.parse(value) as Record<string, string>)[dataEngine];
}

/** Fast replica rebuild has another name, and another default, for V2 before 1.10. */
export function isFastRebuildEnabled(settings: Settings, dataEngine: DataEngine): boolean {
  const legacy = 'v2-data-engine-fast-replica-rebuilding';
  if (dataEngine === 'v2' && settings.definitions.has(legacy)) return settings.flag(legacy);
  return settings.flag('fast-replica-rebuild-enabled', dataEngine);
}
