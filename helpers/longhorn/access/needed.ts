/**
 * Everything that the suite asks a cluster for, and nothing else. Access reviews, the in-cluster Job's RBAC and the test
 * that records a run's requests all read this list. Secrets are not on it.
 */
import * as core from '../../kubernetes/core-kinds.ts';
import type { Permission } from '../../kubernetes/client.ts';
import type { AnyKind } from '../../kubernetes/resource.ts';
import * as longhorn from '../kinds.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';

/** `cluster`: objects without a namespace, or objects of every namespace. */
export type Place = 'run namespace' | 'longhorn namespace' | 'cluster';

/** When it is done. A verdict needs what belongs to `every run`; the others are for what may happen. */
export type Occasion =
  | 'every run'
  /** Only where the run's namespace is not there beforehand. */
  | 'own namespace'
  /** After a connection broke: did the creation reach the server? Another process of the run: is the lock ours? */
  | 'broken connection'
  /** Only in a scenario beside the main one. */
  | 'other scenario'
  /** Only in scenarios with user snapshots; snapshots-and-revert asks for it before it makes anything. */
  | 'snapshots'
  /** Where a rebuild is to be interrupted by a cordoned node. */
  | 'cordon'
  /** Evidence about a run that was not consistent; without it there is less to look at. */
  | 'failure'
  | 'sweep';

export interface NeededAccess {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verbs: readonly Verb[];
  readonly place: Place;
  readonly occasion: Occasion;
  readonly why: string;
}

interface Row {
  readonly kinds: readonly AnyKind[];
  readonly subresource?: string;
  readonly verbs: readonly Verb[];
  readonly why: string;
}

function rows(place: Place, occasion: Occasion, given: readonly Row[]): NeededAccess[] {
  return given.flatMap(({ kinds, ...rest }) =>
    kinds.map(({ group, plural }) => ({ group, resource: plural, place, occasion, ...rest })),
  );
}

const ofTheRun = rows('run namespace', 'every run', [
  { kinds: [core.configMaps], verbs: ['create', 'get', 'patch'], why: 'probe, plan, and the journal of settings' },
  { kinds: [core.pods, core.services], verbs: ['create'], why: 'the image server and the probe' },
  { kinds: [core.pods], subresource: 'exec', verbs: ['create', 'get'], why: 'the probe; a WebSocket is a get' },
  { kinds: [core.persistentVolumeClaims], verbs: ['create', 'get'], why: 'the volume under test' },
  {
    kinds: [core.configMaps, core.pods, core.services, core.persistentVolumeClaims],
    verbs: ['list', 'watch', 'delete'],
    why: 'waiting for it, and undoing it',
  },
]);

const ofLonghorn = rows('longhorn namespace', 'every run', [
  { kinds: [longhorn.volumes], verbs: ['get', 'list', 'watch', 'patch'], why: 'the volume; labelled to own it' },
  {
    kinds: [longhorn.replicas],
    verbs: ['list', 'watch', 'patch', 'delete'],
    why: 'the deletion that starts a rebuild',
  },
  { kinds: [longhorn.engines, longhorn.snapshots], verbs: ['list', 'watch'], why: 'what serves the volume' },
  { kinds: [longhorn.backingImages], verbs: ['create', 'list', 'watch', 'delete'], why: 'the image under the volume' },
  { kinds: [longhorn.settings], verbs: ['get', 'patch'], why: 'replenishment off during isolation, and back' },
  { kinds: [longhorn.longhornNodes, longhorn.instanceManagers], verbs: ['list'], why: 'disks, and where V2 runs' },
  { kinds: [core.pods], verbs: ['list'], why: 'running images: a manifest does not say which release runs' },
  { kinds: [core.pods], subresource: 'exec', verbs: ['create', 'get'], why: 'go-spdk-helper, for the lvol audit' },
  { kinds: [core.pods], subresource: 'log', verbs: ['get'], why: 'lines that a sound engine never logs' },
  { kinds: [core.events], verbs: ['list', 'watch'], why: 'rebuild events, for proof and timeline' },
  {
    kinds: [core.leases],
    verbs: ['create', 'list', 'watch', 'patch', 'delete'],
    why: 'two runs must not fight over settings',
  },
]);

const ofTheCluster = rows('cluster', 'every run', [
  { kinds: [core.storageClasses], verbs: ['create', 'list', 'watch', 'delete'], why: 'the class of the volume' },
  { kinds: [core.persistentVolumes], verbs: ['get', 'list', 'patch'], why: 'from the claim to its volume' },
  { kinds: [core.nodes], verbs: ['list'], why: 'where pods can run, huge pages, kernels' },
  { kinds: [core.namespaces], verbs: ['get', 'list'], why: "whether the run's namespace is there; leftovers" },
  { kinds: [core.csiDrivers], verbs: ['get'], why: 'whether claims can become volumes' },
  { kinds: [core.csiNodes], verbs: ['list'], why: 'on which nodes they can be attached' },
  {
    kinds: [
      ...[core.pods, core.services, core.persistentVolumeClaims, core.configMaps, core.leases],
      ...[longhorn.volumes, longhorn.replicas, longhorn.backingImages, longhorn.supportBundles],
    ],
    verbs: ['list'],
    why: 'leftovers of killed runs, by label, wherever they are',
  },
]);

const ofOtherOccasions: readonly NeededAccess[] = [
  ...rows('cluster', 'own namespace', [
    { kinds: [core.namespaces], verbs: ['create', 'watch', 'delete'], why: 'a namespace for the run alone' },
  ]),
  ...rows('run namespace', 'own namespace', [
    { kinds: [core.serviceAccounts], verbs: ['list', 'watch'], why: 'whether its new namespace admits pods yet' },
  ]),
  ...rows('run namespace', 'broken connection', [
    { kinds: [core.pods, core.services], verbs: ['get'], why: 'whether a creation arrived' },
  ]),
  ...rows('run namespace', 'other scenario', [
    { kinds: [core.persistentVolumeClaims], verbs: ['patch'], why: 'the claim of a volume that is expanded' },
  ]),
  ...rows('longhorn namespace', 'broken connection', [
    { kinds: [longhorn.backingImages, core.leases], verbs: ['get'], why: 'whether a creation arrived' },
    {
      kinds: [core.daemonSets],
      verbs: ['get'],
      why: 'which release should run while no manager does',
    },
  ]),
  ...rows('cluster', 'broken connection', [
    { kinds: [core.storageClasses], verbs: ['get'], why: 'whether a creation arrived' },
  ]),
  ...rows('longhorn namespace', 'other scenario', [
    { kinds: [core.pods], verbs: ['get', 'watch', 'patch', 'delete'], why: 'the loss of an instance manager' },
    { kinds: [longhorn.instanceManagers], verbs: ['watch'], why: 'whether it runs again' },
  ]),
  ...rows('longhorn namespace', 'snapshots', [
    { kinds: [longhorn.snapshots], verbs: ['create', 'delete'], why: "the user's snapshots" },
    {
      kinds: [core.services],
      subresource: 'proxy',
      verbs: ['create'],
      why: "longhorn-manager's HTTP API: to revert, which has no object, and to attach without a frontend for it",
    },
  ]),
  ...rows('longhorn namespace', 'failure', [
    {
      kinds: [
        ...[longhorn.backingImageDataSources, longhorn.backingImageManagers, longhorn.volumeAttachments],
        ...[longhorn.settings, longhorn.orphans],
      ],
      verbs: ['list'],
      why: 'evidence',
    },
    {
      kinds: [longhorn.supportBundles],
      verbs: ['create', 'list', 'watch', 'delete'],
      why: "Longhorn's support bundle",
    },
    { kinds: [core.pods], verbs: ['watch'], why: 'what keeps Longhorn from collecting it' },
    { kinds: [core.services], subresource: 'proxy', verbs: ['get'], why: 'fetching it from longhorn-backend' },
  ]),
  ...rows('run namespace', 'failure', [{ kinds: [core.events], verbs: ['list'], why: 'evidence' }]),
  ...rows('cluster', 'cordon', [
    { kinds: [core.nodes], verbs: ['list', 'patch'], why: 'a node that is away for a while, and its return' },
  ]),
  ...rows('cluster', 'sweep', [
    { kinds: [core.nodes], verbs: ['list', 'patch'], why: 'nodes that killed runs left cordoned' },
    {
      kinds: [
        ...[core.pods, core.services, core.persistentVolumeClaims, core.persistentVolumes, core.storageClasses],
        ...[core.configMaps, core.namespaces, core.leases],
        ...[longhorn.volumes, longhorn.replicas, longhorn.backingImages, longhorn.supportBundles],
      ],
      verbs: ['watch', 'delete'],
      why: 'what killed runs left, wherever it is',
    },
    { kinds: [longhorn.settings], verbs: ['get', 'patch'], why: 'settings that killed runs had changed' },
  ]),
];

export const neededAccess: readonly NeededAccess[] = [...ofTheRun, ...ofLonghorn, ...ofTheCluster, ...ofOtherOccasions];

export interface Places {
  readonly namespace: string;
  readonly longhornNamespace: string;
}

/** One question for the access review of each verb. */
export function permissionsOf(needed: NeededAccess, places: Places): Permission[] {
  const { group, resource, subresource, verbs } = needed;
  const namespace = namespaceOf(needed.place, places);
  return verbs.map((verb) => ({
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
  }));
}

/** Undefined: the whole cluster. */
function namespaceOf(place: Place, { namespace, longhornNamespace }: Places): string | undefined {
  if (place === 'run namespace') return namespace;
  return place === 'longhorn namespace' ? longhornNamespace : undefined;
}
