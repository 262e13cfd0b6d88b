import type { CustomResource } from '../../../apiserver/store.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornVersion } from '../../../versions/profile.ts';
import { longhornResources } from './all.ts';
import type { ResourceData } from './resource-data.ts';
import { openApiSchema } from './schema.ts';

export const longhornGroup = 'longhorn.io';
export const longhornApiVersion = 'longhorn.io/v1beta2';

/** The kinds that a release has: 22 up to 1.11, 23 in 1.12.0, 25 in 1.12.1. */
export function customResourcesOf(version: LonghornVersion): CustomResource[] {
  return longhornResources
    .filter((data) => data.since === undefined || isInVersionRange(version, `${data.since}..`))
    .map((data) => ({
      group: longhornGroup,
      version: 'v1beta2',
      ...(servesV1beta1(data, version) ? { alsoServed: ['v1beta1'] } : {}),
      kind: data.kind,
      plural: data.plural,
      singular: data.kind.toLowerCase(),
      shortNames: [data.shortName],
      namespaced: true,
      columns: columnsOf(data, version),
      schema: nameImmutableFields(openApiSchema(data, version)),
    }));
}

function servesV1beta1(data: ResourceData, version: LonghornVersion): boolean {
  return data.v1beta1Until !== undefined && isInVersionRange(version, `..${data.v1beta1Until}`);
}

function columnsOf(data: ResourceData, version: LonghornVersion): CustomResource['columns'] {
  const match = data.columns.find((entry) => entry.versions === undefined || isInVersionRange(version, entry.versions));
  const lines = (match?.table ?? '').split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [name = '', type = '', jsonPath = '', flag] = line.split(' | ').map((cell) => cell.trim());
    return { name, type, jsonPath, ...(flag === undefined ? {} : { priority: Number(flag.replace('priority=', '')) }) };
  });
}

/** CEL messages name the field with a capital: `BackingImage is immutable`. */
function nameImmutableFields(schema: Record<string, unknown>): Record<string, unknown> {
  const properties = (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>;
  for (const [name, property] of Object.entries(properties)) {
    const rules = property['x-kubernetes-validations'] as { rule: string; message: string }[] | undefined;
    for (const rule of rules ?? []) rule.message = `${name.charAt(0).toUpperCase()}${name.slice(1)} ${rule.message}`;
    nameImmutableFields(property);
  }
  return schema;
}
