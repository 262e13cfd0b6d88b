import type { CustomResource, ResourceName } from '../store.ts';
import { builtinResources } from './builtin.ts';
import { groupVersion, resourceName } from './type.ts';
import type { ResourceType } from './type.ts';

/** Which resources are served, in which versions. Changes when CustomResourceDefinitions come and go. */
export interface ResourceRegistry {
  /** All served types: built-in ones, then custom ones; a resource served in two versions occurs twice. */
  all(): readonly ResourceType[];
  /** The type under which the store keeps the objects of that name. */
  stored(name: ResourceName): ResourceType | undefined;
  /** What a request path names. */
  served(group: string, version: string, plural: string): ResourceType | undefined;
  servesVersion(group: string, version: string): boolean;
  add(custom: CustomResource): void;
  remove(group: string, plural: string): void;
}

const customVerbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

function customTypes(custom: CustomResource): ResourceType[] {
  return [custom.version, ...(custom.alsoServed ?? [])].map((version) =>
    typeOfVersion(versionOf(custom, version), version),
  );
}

/** A custom resource as it is in one of its versions. */
function versionOf(custom: CustomResource, version: string): CustomResource {
  const own = custom.versions?.[version];
  if (own === undefined) return custom;
  const { schema: _schema, scale: _scale, selectableFields: _fields, deprecation: _deprecation, ...rest } = custom;
  return { ...rest, ...own };
}

function typeOfVersion(custom: CustomResource, version: string): ResourceType {
  return {
    group: custom.group,
    version,
    kind: custom.kind,
    plural: custom.plural,
    singular: custom.singular,
    namespaced: custom.namespaced,
    verbs: customVerbs,
    shortNames: custom.shortNames,
    categories: custom.categories ?? [],
    subresources: [
      ...(custom.statusSubresource === false
        ? []
        : [{ name: 'status', verbs: ['get', 'patch', 'update'], kind: custom.kind }]),
      ...(custom.scale === undefined
        ? []
        : [{ name: 'scale', verbs: ['get', 'patch', 'update'], kind: 'Scale', group: 'autoscaling', version: 'v1' }]),
    ],
    storedAs: `${custom.plural}.${custom.group}`,
    counted: true,
    returnsDeleted: false,
    custom,
  };
}

export function createResourceRegistry(customResources: readonly CustomResource[]): ResourceRegistry {
  let types: ResourceType[] = [...builtinResources, ...customResources.flatMap(customTypes)];
  let byPath = new Map<string, ResourceType>();
  let byName = new Map<ResourceName, ResourceType>();
  let versions = new Set<string>();

  const index = (): void => {
    byPath = new Map(types.map((type) => [`${groupVersion(type)}/${type.plural}`, type]));
    versions = new Set(types.map(groupVersion));
    byName = new Map();
    for (const type of types) {
      const name = resourceName(type);
      if (!byName.has(name)) byName.set(name, type);
    }
  };
  index();

  return {
    all: () => types,
    stored(name) {
      const type = byName.get(name);
      return type !== undefined && type.storedAs !== name ? byName.get(type.storedAs) : type;
    },
    served: (group, version, plural) => byPath.get(`${group === '' ? version : `${group}/${version}`}/${plural}`),
    servesVersion: (group, version) => versions.has(group === '' ? version : `${group}/${version}`),
    add(custom) {
      types = [
        ...types.filter((type) => type.group !== custom.group || type.plural !== custom.plural),
        ...customTypes(custom),
      ];
      index();
    },
    remove(group, plural) {
      types = types.filter((type) => type.custom === undefined || type.group !== group || type.plural !== plural);
      index();
    },
  };
}
