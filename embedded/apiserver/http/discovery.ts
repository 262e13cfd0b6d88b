/** What is served: the discovery documents, legacy and aggregated. */
import { createHash } from 'node:crypto';
import type { ResourceRegistry } from '../resources/registry.ts';
import { groupVersion } from '../resources/type.ts';
import { byVersion } from '../resources/versions.ts';
import type { ResourceType } from '../resources/type.ts';
import type { Payload } from '../store.ts';

const aggregatedTypes = ['v2', 'v2beta1'] as const;

/** The version of APIGroupDiscoveryList that an Accept header prefers to the legacy documents. */
export function aggregatedVersion(accept: string | undefined): (typeof aggregatedTypes)[number] | undefined {
  for (const clause of (accept ?? '').split(',')) {
    if (!clause.includes('as=APIGroupDiscoveryList')) {
      if (/application\/json|\*\/\*/.test(clause)) return undefined;
      continue;
    }
    if (!clause.includes('application/json')) continue;
    return aggregatedTypes.find((version) => new RegExp(`v=${version}(;|$)`).test(clause.trim()));
  }
  return undefined;
}

export function aggregatedContentType(version: string): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
}

/** apiserver:pkg/endpoints/discovery/storageversionhash.go: the first eight bytes of a hash of the stored kind. */
function storageVersionHash(type: ResourceType): string {
  const text = `${type.group}/${type.custom?.version ?? type.version}/${type.kind}`;
  return createHash('sha256').update(text).digest().subarray(0, 8).toString('base64');
}

function storesNothing(type: ResourceType): boolean {
  return !type.verbs.includes('watch');
}

function legacyResource(type: ResourceType): Payload[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = type;
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(storesNothing(type) ? {} : { storageVersionHash: storageVersionHash(type) }),
  };
  const subresources = type.subresources.map((sub) => ({
    name: `${plural}/${sub.name}`,
    singularName: '',
    namespaced,
    ...(sub.group === undefined ? {} : { group: sub.group, version: sub.version }),
    kind: sub.kind,
    verbs: sub.verbs,
  }));
  return [own, ...subresources];
}

export function resourceList(registry: ResourceRegistry, group: string, version: string): Payload {
  const types = registry.all().filter((type) => type.group === group && type.version === version);
  const custom = types.some((type) => type.custom !== undefined);
  const resources = types.flatMap(legacyResource);
  // The documents of built-in groups are sorted by name.
  if (!custom) resources.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: groupVersion({ group, version }),
    resources,
  };
}

function groupsOf(registry: ResourceRegistry): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const type of registry.all()) {
    const versions = groups.get(type.group) ?? [];
    if (!versions.includes(type.version)) versions.push(type.version);
    groups.set(type.group, type.custom === undefined ? versions : byVersion(versions));
  }
  return groups;
}

function groupEntry(name: string, versions: readonly string[]): Payload {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

export function groupList(registry: ResourceRegistry): Payload {
  const groups = [...groupsOf(registry)]
    .filter(([name]) => name !== '')
    .map(([name, versions]) => groupEntry(name, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

export function oneGroup(registry: ResourceRegistry, group: string): Payload {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group, groupsOf(registry).get(group) ?? []) };
}

export function legacyVersions(serverAddress: string): Payload {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** Built-in kinds are listed without their group and version, as the recorded server does. */
function responseKind(type: ResourceType, sub?: ResourceType['subresources'][number]): Payload {
  if (sub?.group !== undefined) return { group: sub.group, version: sub.version, kind: sub.kind };
  const kind = sub?.kind ?? type.kind;
  return type.custom === undefined
    ? { group: '', version: '', kind }
    : { group: type.group, version: type.version, kind };
}

function aggregatedResource(type: ResourceType): Payload {
  return {
    resource: type.plural,
    responseKind: responseKind(type),
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
    ...(type.subresources.length === 0
      ? {}
      : {
          subresources: type.subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: responseKind(type, sub),
            verbs: sub.verbs,
          })),
        }),
  };
}

/** The aggregated document of /api (`core`) or of /apis. */
export function aggregatedDiscovery(
  registry: ResourceRegistry,
  root: 'core' | 'groups',
  documentVersion: string,
): Payload {
  const groups = [...groupsOf(registry)].filter(([name]) => (name === '') === (root === 'core'));
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${documentVersion}`,
    metadata: {},
    items: groups.map(([name, versions]) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map((version) => ({
        version,
        resources: registry
          .all()
          .filter((type) => type.group === name && type.version === version)
          .sort((a, b) => (a.plural < b.plural ? -1 : 1))
          .map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  };
}
