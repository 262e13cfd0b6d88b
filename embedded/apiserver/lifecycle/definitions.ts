/** CustomResourceDefinitions as objects: those the server was started with, and those that clients apply. */
import type { ResourceRegistry } from '../resources/registry.ts';
import type { ClusterStore, CustomResource, KubeObject, NewObject, Payload } from '../store.ts';
import { createDeferredQueue } from './deferred.ts';

const definitions = 'customresourcedefinitions.apiextensions.k8s.io';

function toDefinition(custom: CustomResource): NewObject {
  const columns = custom.columns.map((column) => ({
    name: column.name,
    type: column.type,
    jsonPath: column.jsonPath,
    ...(column.description === undefined ? {} : { description: column.description }),
    ...(column.priority === undefined ? {} : { priority: column.priority }),
  }));
  const version = (name: string): Payload => ({
    name,
    served: true,
    storage: name === custom.version,
    schema: { openAPIV3Schema: custom.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    ...(custom.statusSubresource === false ? {} : { subresources: { status: {} } }),
    ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${custom.plural}.${custom.group}` },
    spec: {
      group: custom.group,
      names: {
        plural: custom.plural, singular: custom.singular, kind: custom.kind, listKind: `${custom.kind}List`,
        ...(custom.shortNames.length === 0 ? {} : { shortNames: [...custom.shortNames] }),
        ...(custom.categories === undefined ? {} : { categories: [...custom.categories] }),
      },
      scope: custom.namespaced ? 'Namespaced' : 'Cluster',
      versions: [custom.version, ...(custom.alsoServed ?? [])].map(version),
    },
  };
}

/** The definition as the server needs it; undefined when no version is served. */
function fromDefinition(object: KubeObject): CustomResource | undefined {
  const { spec } = object;
  const versions: Payload[] = (spec.versions ?? []).filter((version: Payload) => version.served === true);
  const storage = versions.find((version) => version.storage === true) ?? versions[0];
  if (storage === undefined) return undefined;
  const schema: Record<string, Payload> | undefined = storage.schema?.openAPIV3Schema;
  return {
    group: spec.group,
    version: storage.name,
    alsoServed: versions.filter((version) => version !== storage).map((version) => version.name as string),
    kind: spec.names.kind,
    plural: spec.names.plural,
    singular: spec.names.singular ?? String(spec.names.kind).toLowerCase(),
    shortNames: spec.names.shortNames ?? [],
    categories: spec.names.categories ?? [],
    namespaced: spec.scope === 'Namespaced',
    columns: storage.additionalPrinterColumns ?? [],
    statusSubresource: storage.subresources?.status !== undefined,
    ...(storage.subresources?.scale === undefined ? {} : { scale: storage.subresources.scale as NonNullable<CustomResource['scale']> }),
    selectableFields: ((storage.selectableFields ?? []) as Payload[]).map(({ jsonPath }) => String(jsonPath).replace(/^\./, '')),
    ...(schema === undefined ? {} : { schema }),
  };
}

function establish(store: ClusterStore, object: KubeObject): void {
  const { name, creationTimestamp } = object.metadata;
  const condition = (type: string, reason: string, message: string): Payload => ({
    type, status: 'True', lastTransitionTime: creationTimestamp, reason, message,
  });
  store.mutate(
    { resource: definitions, name },
    (draft) => {
      draft.status = {
        conditions: [
          condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
          condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
        ],
        acceptedNames: draft.spec.names,
        storedVersions: (draft.spec.versions as Payload[]).filter((version) => version.storage).map((version) => version.name as string),
      };
    },
    { subresource: 'status' },
  );
}

/** Keeps what is served in step with the definitions; removing one removes its objects first. */
export function startDefinitions(store: ClusterStore, registry: ResourceRegistry, given: readonly CustomResource[]): () => void {
  const queue = createDeferredQueue();
  const stopWatch = store.watch(definitions, ({ type, object }) => {
    if (type === 'DELETED') {
      for (const left of store.list(object.metadata.name)) {
        store.delete({ resource: object.metadata.name, ...(left.metadata.namespace === undefined ? {} : { namespace: left.metadata.namespace }), name: left.metadata.name });
      }
      registry.remove(object.spec.group as string, object.spec.names.plural as string);
      return;
    }
    const custom = fromDefinition(object);
    if (custom === undefined) return;
    const known = registry.stored(object.metadata.name)?.custom;
    if (known === undefined || !given.includes(known)) registry.add(custom);
    if (type === 'ADDED') queue.push(() => establish(store, object));
  });
  for (const custom of given) establish(store, store.create(definitions, toDefinition(custom)));
  return () => {
    queue.stop();
    stopWatch();
  };
}
