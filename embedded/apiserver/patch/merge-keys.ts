/**
 * How strategic merge patches treat the lists of built-in kinds: by which key elements are the same one
 * (the patchMergeKey tags of k8s.io/api@v0.36.2). Lists not named here are replaced as a whole.
 */

/** Field name → merge key; where the same field name occurs with different keys, a path decides. */
const byField: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  volumes: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  conditions: 'type',
  ownerReferences: 'uid',
  secrets: 'name',
  addresses: 'type',
  taints: 'key',
  podIPs: 'ip',
  resourceClaims: 'name',
  schedulingGates: 'name',
};

const primitiveLists = new Set(['metadata.finalizers']);

/** `ports` of a service are keyed by `port`, those of a container by `containerPort`. */
export function mergeKeyOf(path: readonly string[]): string | undefined {
  const field = path.at(-1) ?? '';
  if (field === 'ports')
    return path.includes('containers') || path.includes('initContainers') ? 'containerPort' : 'port';
  if (field === 'taints' || field === 'addresses')
    return path[0] === 'spec' || path[0] === 'status' ? byField[field] : undefined;
  return byField[field];
}

/** Lists of plain values that are merged as sets. */
export function isMergedSet(path: readonly string[]): boolean {
  return primitiveLists.has(path.join('.'));
}

/** By which fields server-side apply tells the items of a list apart (the listMapKey tags of k8s.io/api@v0.36.2). */
export function keysOf(
  path: readonly string[],
): readonly { readonly name: string; readonly default?: string }[] | undefined {
  const key = mergeKeyOf(path);
  if (key === undefined) return undefined;
  return path.at(-1) === 'ports' ? [{ name: key }, { name: 'protocol', default: 'TCP' }] : [{ name: key }];
}

// Structures and maps that are owned as a whole (the structType and mapType tags of k8s.io/api@v0.36.2).
const atomicFields: ReadonlySet<string> = new Set([
  'selector',
  'labelSelector',
  'namespaceSelector',
  'podSelector',
  'nodeSelector',
  'required',
  'fieldRef',
  'resourceFieldRef',
  'configMapKeyRef',
  'secretKeyRef',
  'roleRef',
  'claimRef',
  'involvedObject',
  'regarding',
  'related',
  'scopeSelector',
  'targetRef',
]);

export function isAtomicField(path: readonly string[]): boolean {
  return atomicFields.has(path.at(-1) ?? '');
}
