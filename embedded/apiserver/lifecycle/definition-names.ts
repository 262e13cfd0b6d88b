/** Which of the names that a definition asks for it gets (apiextensions-apiserver:pkg/controller/status/naming_controller.go@v0.36.2). */
import type { KubeObject, Payload } from '../store.ts';

export interface Naming {
  readonly accepted: Payload;
  /** Why not all were accepted. */
  readonly conflict: { readonly reason: string; readonly message: string } | undefined;
}

/** Names that the other definitions of a group have been given; resources and kinds are apart. */
function taken(others: readonly KubeObject[]): { resources: Set<string>; kinds: Set<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { status } of others) {
    const names: Payload = status?.acceptedNames ?? {};
    for (const name of [names.plural, names.singular, ...((names.shortNames ?? []) as string[])] as (
      string | undefined
    )[])
      if (name) resources.add(name);
    for (const name of [names.kind, names.listKind] as (string | undefined)[]) if (name) kinds.add(name);
  }
  return { resources, kinds };
}

const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`;

/** @param others the other definitions of the group */
export function namingOf(definition: KubeObject, others: readonly KubeObject[]): Naming {
  const asked: Payload = definition.spec.names;
  const had: Payload = definition.status?.acceptedNames ?? {};
  const { resources, kinds } = taken(others);
  let conflict: Naming['conflict'];
  const choose = (field: string, reason: string, used: ReadonlySet<string>): Payload => {
    const name: string = asked[field] ?? '';
    if (name === '' || !used.has(name)) return asked[field];
    conflict = { reason, message: inUse(name) };
    return had[field];
  };
  const plural = choose('plural', 'PluralConflict', resources);
  const singular = choose('singular', 'SingularConflict', resources);
  const lost = ((asked.shortNames ?? []) as string[]).filter((name) => resources.has(name));
  if (lost.length > 0)
    conflict = {
      reason: 'ShortNamesConflict',
      message: lost.length === 1 ? inUse(lost[0] ?? '') : `[${lost.map(inUse).join(', ')}]`,
    };
  const shortNames: unknown = lost.length > 0 ? had.shortNames : asked.shortNames;
  const kind = choose('kind', 'KindConflict', kinds);
  const listKind = choose('listKind', 'ListKindConflict', kinds);
  const { categories } = asked;
  const accepted = { plural: plural ?? '', singular, shortNames, kind: kind ?? '', listKind, categories } as Record<
    string,
    unknown
  >;
  for (const [field, value] of Object.entries(accepted)) if (value === undefined) delete accepted[field];
  return { accepted, conflict };
}
