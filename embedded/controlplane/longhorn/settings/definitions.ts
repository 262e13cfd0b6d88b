import { isInVersionRange } from '../../../versions/profile.ts';
import type { VersionProfile } from '../../../versions/profile.ts';
import { settingCatalogue } from './catalogue.ts';
import { displayNameOf } from './display-names.ts';

export interface SettingDefinition {
  readonly name: string;
  /** What refusals call it. */
  readonly displayName: string;
  readonly type: 'bool' | 'int' | 'float' | 'string' | 'deprecated';
  /** The value as the Setting object carries it. */
  readonly defaultValue: string;
  /** A JSON object of strings per data engine instead of a plain value. */
  readonly perEngine: boolean;
  /** The engines that a per-engine setting knows. */
  readonly engines: readonly string[];
  readonly readOnly: boolean;
  readonly required: boolean;
  readonly choices: readonly string[] | undefined;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
}

/** The settings of one release by name. */
export function settingDefinitions(profile: VersionProfile): ReadonlyMap<string, SettingDefinition> {
  const definitions = new Map<string, SettingDefinition>();
  for (const line of settingCatalogue.split('\n')) {
    if (line.trim() === '') continue;
    const definition = parseLine(line, profile);
    if (definition !== undefined) definitions.set(definition.name, definition);
  }
  return definitions;
}

function parseLine(line: string, profile: VersionProfile): SettingDefinition | undefined {
  const [name = '', type = '', value = '', flagText = ''] = line.split('|').map((cell) => cell.trim());
  const flags = flagText.split(' ').filter((flag) => flag !== '');
  const range = flags.find((flag) => flag.startsWith('@'));
  if (range !== undefined && !isInVersionRange(profile.version, range.slice(1))) return undefined;
  const valueOf = (key: string): string | undefined =>
    flags.find((flag) => flag.startsWith(`${key}=`))?.slice(key.length + 1);
  const perEngine = flags.includes('per-engine');
  const pairs = perEngine ? value.split(';').map((pair) => pair.split('=', 2) as [string, string]) : [];
  const bound = (key: string): number | undefined => {
    const text = valueOf(key);
    return text === undefined ? undefined : Number(text);
  };
  return {
    name,
    displayName: displayNameOf(name, profile.version),
    type: type as SettingDefinition['type'],
    defaultValue: perEngine ? JSON.stringify(Object.fromEntries(pairs)) : resolveDefault(value, profile),
    perEngine,
    engines: pairs.map(([engine]) => engine),
    readOnly: flags.includes('read-only'),
    required: flags.includes('required'),
    choices: valueOf('oneOf')?.split(','),
    minimum: bound('min'),
    maximum: bound('max'),
  };
}

function resolveDefault(value: string, profile: VersionProfile): string {
  switch (value) {
    case '$engine':
      return profile.images.engine;
    case '$instance-manager':
      return profile.images.instanceManager;
    case '$backing-image-manager':
      return profile.images.backingImageManager;
    case '$support-bundle-kit':
      return profile.images.supportBundleKit;
    case '$version':
      return `v${profile.version}`;
    default:
      return value;
  }
}
