/** CustomResourceDefinitions as objects: those the server was started with, and those that clients apply. */
import type { ResourceRegistry } from '../resources/registry.ts';
import { byVersion } from '../resources/versions.ts';
import type {
  ClusterStore,
  CustomResource,
  CustomVersion,
  KubeObject,
  NewObject,
  Payload,
  StoreEvent,
} from '../store.ts';
import { cleanupFinalizer } from '../storage/remover.ts';
import { holdsCondition } from '../validation/definitions.ts';
import { createDeferredQueue } from './deferred.ts';
import { namingOf } from './definition-names.ts';

const definitions = 'customresourcedefinitions.apiextensions.k8s.io';

function toDefinition(custom: CustomResource): NewObject {
  const columns = custom.columns.map((column) => ({
    name: column.name,
    type: column.type,
    jsonPath: column.jsonPath,
    ...(column.format === undefined ? {} : { format: column.format }),
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
        plural: custom.plural,
        singular: custom.singular,
        kind: custom.kind,
        listKind: `${custom.kind}List`,
        ...(custom.shortNames.length === 0 ? {} : { shortNames: [...custom.shortNames] }),
        ...(custom.categories === undefined ? {} : { categories: [...custom.categories] }),
      },
      scope: custom.namespaced ? 'Namespaced' : 'Cluster',
      versions: [custom.version, ...(custom.alsoServed ?? [])].map(version),
    },
  };
}

/** What is its own of one version of a definition. */
function versionOf(version: Payload): CustomVersion {
  const { subresources, additionalPrinterColumns, selectableFields, schema } = version;
  return {
    columns: (additionalPrinterColumns ?? []) as CustomVersion['columns'],
    statusSubresource: subresources?.status !== undefined,
    selectableFields: ((selectableFields ?? []) as Payload[]).map(({ jsonPath }) =>
      String(jsonPath).replace(/^\./, ''),
    ),
    ...(subresources?.scale === undefined ? {} : { scale: subresources.scale as NonNullable<CustomResource['scale']> }),
    ...(schema?.openAPIV3Schema === undefined ? {} : { schema: schema.openAPIV3Schema as Record<string, Payload> }),
  };
}

/** What is warned of at a version, and what to use instead (apiextensions-apiserver:pkg/apiserver/customresource_handler.go@v0.36.2). */
function deprecationOf(version: Payload, served: readonly Payload[], { group, names }: Payload): string | undefined {
  if (version.deprecated !== true) return undefined;
  if (typeof version.deprecationWarning === 'string') return version.deprecationWarning;
  const named = (name: string): string => `${group as string}/${name} ${names.kind as string}`;
  const newer = byVersion(
    served.filter(({ deprecated }) => deprecated !== true).map(({ name }) => name as string),
  ).find((name) => byVersion([name, version.name as string])[0] === name);
  return `${named(version.name as string)} is deprecated${newer === undefined ? '' : `; use ${named(newer)}`}`;
}

/** The definition as the server needs it; undefined when no version is served. */
export function fromDefinition(object: KubeObject): CustomResource | undefined {
  const { spec } = object;
  const served = ((spec.versions ?? []) as Payload[]).filter((version) => version.served === true);
  const storage = served.find((version) => version.storage === true) ?? served[0];
  if (storage === undefined) return undefined;
  const names: Payload = object.status?.acceptedNames ?? spec.names;
  const own = (version: Payload): CustomVersion => {
    const deprecation = deprecationOf(version, served, spec);
    return { ...versionOf(version), ...(deprecation === undefined ? {} : { deprecation }) };
  };
  return {
    group: spec.group,
    version: storage.name,
    alsoServed: served.filter((version) => version !== storage).map((version) => version.name as string),
    versions: Object.fromEntries(served.map((version) => [version.name as string, own(version)])),
    kind: spec.names.kind,
    plural: spec.names.plural,
    singular: names.singular ?? String(spec.names.kind).toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: spec.scope === 'Namespaced',
    ...own(storage),
  };
}

const condition = (type: string, status: 'True' | 'False', reason: string, message: string): Payload => ({
  type,
  status,
  reason,
  message,
});

/** Conditions with one of them set; what stays as it was keeps its time. */
function withCondition(conditions: readonly Payload[], given: Payload, time: string): Payload[] {
  const before = conditions.find(({ type }) => type === given.type);
  const { type, status, reason, message } = given;
  const next: Payload = {
    type,
    status,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : time,
    reason,
    message,
  };
  return before === undefined ? [...conditions, next] : conditions.map((one) => (one === before ? next : one));
}

/** Gives a definition the names that are free, and establishes it once it has all of them. */
function nameDefinition(store: ClusterStore, name: string, time: string): void {
  const object = store.get({ resource: definitions, name });
  if (object === undefined) return;
  const others = store
    .list(definitions)
    .filter((one) => one.spec.group === object.spec.group && one.metadata.name !== name);
  const { accepted, conflict } = namingOf(object, others);
  const wasEstablished = holdsCondition(object, 'Established');
  store.mutate(
    { resource: definitions, name },
    (draft) => {
      let conditions = (draft.status?.conditions ?? []) as Payload[];
      const set = (given: Payload): void => void (conditions = withCondition(conditions, given, time));
      if (conflict === undefined) {
        set(condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found'));
        set(condition('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted'));
      } else {
        set(condition('NamesAccepted', 'False', conflict.reason, conflict.message));
        if (!wasEstablished) set(condition('Established', 'False', 'NotAccepted', 'not all names are accepted'));
      }
      draft.status = { ...draft.status, conditions, acceptedNames: accepted };
    },
    { subresource: 'status' },
  );
}

/** Ends what a definition that goes has left; it goes when nothing is left (apiextensions-apiserver:pkg/controller/finalizer@v0.36.2). */
function finalizeDefinition(store: ClusterStore, registry: ResourceRegistry, name: string, time: string): void {
  const object = store.get({ resource: definitions, name });
  if (
    object?.metadata.deletionTimestamp === undefined ||
    object.metadata.finalizers?.includes(cleanupFinalizer) !== true
  )
    return;
  const begun = condition(
    'Terminating',
    'True',
    'InstanceDeletionInProgress',
    'CustomResource deletion is in progress',
  );
  store.mutate(
    { resource: definitions, name },
    (draft) => {
      draft.status = {
        ...draft.status,
        conditions: withCondition((draft.status?.conditions ?? []) as Payload[], begun, time),
      };
    },
    { subresource: 'status' },
  );
  const left = (): readonly KubeObject[] => (registry.stored(name) === undefined ? [] : store.list(name));
  for (const { metadata } of left()) {
    if (metadata.deletionTimestamp !== undefined) continue;
    store.delete({
      resource: name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      name: metadata.name,
    });
  }
  if (left().length > 0) return;
  store.mutate({ resource: definitions, name }, (draft) => {
    draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer);
  });
}

/** Keeps what is served in step with the definitions; one that goes ends its objects first. */
export function startDefinitions(
  store: ClusterStore,
  registry: ResourceRegistry,
  given: readonly CustomResource[],
  timestamp: () => string,
): () => void {
  const queue = createDeferredQueue();
  const isServed = (name: string): boolean => registry.stored(name) !== undefined;
  const follow = ({ object }: StoreEvent): void => {
    const { name } = object.metadata;
    const known = registry.stored(name)?.custom;
    if (known === undefined || !given.includes(known)) {
      const custom = holdsCondition(object, 'Established') ? fromDefinition(object) : undefined;
      if (custom !== undefined) registry.add(custom);
      else if (isServed(name)) registry.remove(object.spec.group as string, object.spec.names.plural as string);
    }
    if (object.metadata.deletionTimestamp === undefined) queue.push(() => nameDefinition(store, name, timestamp()));
    else queue.push(() => finalizeDefinition(store, registry, name, timestamp()));
  };
  const stopWatch = store.watch('*', (event) => {
    const { type, resource, object } = event;
    if (resource === definitions && type !== 'DELETED') follow(event);
    else if (resource === definitions) {
      registry.remove(object.spec.group as string, object.spec.names.plural as string);
      // Its names are free again.
      for (const other of store.list(definitions))
        if (other.spec.group === object.spec.group)
          queue.push(() => nameDefinition(store, other.metadata.name, timestamp()));
    } else if (type === 'DELETED' && registry.stored(resource)?.custom !== undefined) {
      queue.push(() => finalizeDefinition(store, registry, resource, timestamp()));
    }
  });
  for (const custom of given) {
    const { metadata } = store.create(definitions, toDefinition(custom));
    nameDefinition(store, metadata.name, metadata.creationTimestamp);
  }
  return () => {
    queue.stop();
    stopWatch();
  };
}
