/**
 * What a namespace that ends says about what is still in it
 * (kubernetes:pkg/controller/namespace/deletion/status_condition_utils.go and namespaced_resources_deleter.go@v1.36).
 */

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/** One object that is still there. */
export interface Remaining {
  readonly resource: string;
  readonly finalizers: readonly string[];
}

const fine: readonly (readonly [type: string, reason: string, message: string])[] = [
  ['NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'],
  ['NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  [
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  ['NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
];

function counted(names: readonly string[]): [name: string, count: number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts];
}

/** `configmaps` is written `configmaps.`, as a resource with the group that it does not have. */
function qualified(resource: string): string {
  return resource.includes('.') ? resource : `${resource}.`;
}

function troubles(left: readonly Remaining[]): ReadonlyMap<string, readonly [reason: string, message: string]> {
  const found = new Map<string, readonly [string, string]>();
  const resources = counted(left.map(({ resource }) => qualified(resource))).map(
    ([name, count]) => `${name} has ${count} resource instances`,
  );
  if (resources.length > 0)
    found.set('NamespaceContentRemaining', [
      'SomeResourcesRemain',
      `Some resources are remaining: ${resources.sort().join(', ')}`,
    ]);
  const finalizers = counted(left.flatMap((one) => one.finalizers)).map(
    ([name, count]) => `${name} in ${count} resource instances`,
  );
  if (finalizers.length > 0) {
    const message = `Some content in the namespace has finalizers remaining: ${finalizers.sort().join(', ')}`;
    found.set('NamespaceFinalizersRemaining', ['SomeFinalizersRemain', message]);
  }
  return found;
}

/** The conditions of a namespace in which `left` is left; one that says the same as before keeps its time. */
export function conditionsOf(left: readonly Remaining[], before: readonly Condition[], now: string): Condition[] {
  const found = troubles(left);
  return fine.map(([type, okReason, okMessage]) => {
    const trouble = found.get(type);
    const [reason, message] = trouble ?? [okReason, okMessage];
    const status = trouble === undefined ? 'False' : 'True';
    const old = before.find((one) => one.type === type);
    const same = old?.status === status && old.message === message && old.reason === reason;
    return same ? old : { type, status, lastTransitionTime: now, reason, message };
  });
}
