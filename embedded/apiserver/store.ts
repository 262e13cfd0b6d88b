/**
 * What the controllers of the embedded cluster see of the API server: the same objects, versions, conflicts, admission
 * and watch events as a client over HTTPS, without the wire. All calls are synchronous, hence atomic.
 */

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- kinds are open; controllers narrow with their own types
export type Payload = any;

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: Payload;
  status?: Payload;
  [field: string]: Payload;
}

/** An object as a client writes it: the server fills in what is missing. */
export type NewObject = Omit<KubeObject, 'metadata'> & { metadata: Partial<ObjectMeta> };

/** `plural` for the core group, else `plural.group`: `pods`, `volumes.longhorn.io`, `storageclasses.storage.k8s.io`. */
export type ResourceName = string;

export interface ObjectRef {
  resource: ResourceName;
  /** Absent for cluster-scoped resources. */
  namespace?: string;
  name: string;
}

export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: ResourceName;
  object: KubeObject;
  /** The state before; absent for ADDED. */
  previous?: KubeObject;
}

export interface ListOptions {
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
}

/**
 * Objects that come out are frozen snapshots: change a copy (`structuredClone`) and write it back.
 * Every writing call runs admission and throws `StatusError` as the HTTP API would answer.
 */
export interface ClusterStore {
  get(ref: ObjectRef): KubeObject | undefined;
  list(resource: ResourceName, options?: ListOptions): readonly KubeObject[];
  create(resource: ResourceName, object: NewObject): KubeObject;
  /** Replaces spec and metadata; status only with `subresource: 'status'`. A stale resourceVersion conflicts (409). */
  update(resource: ResourceName, object: KubeObject, options?: { subresource?: 'status' }): KubeObject;
  /**
   * Reads the object, lets `change` edit a copy of spec and metadata (or of status), writes it if it differs.
   * Returns undefined when the object is gone. Never conflicts, because calls are atomic.
   */
  mutate(
    ref: ObjectRef,
    change: (draft: KubeObject) => void,
    options?: { subresource?: 'status' },
  ): KubeObject | undefined;
  /** Sets deletionTimestamp while finalizers stand, else removes. No error when it is gone already. */
  delete(ref: ObjectRef, options?: { gracePeriodSeconds?: number }): void;
  /** Calls back for every later change of the resource (`'*'`: of all), in order, after the write that made it. */
  watch(resource: ResourceName, listener: (event: StoreEvent) => void): () => void;
}

/** An error that is a Kubernetes `Status`; the HTTP layer sends it as it stands. */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: { reason?: string; message?: string; field?: string }[];
  retryAfterSeconds?: number;
}

export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** With which token a list whose token is too old may be continued, as its state is now. */
  continueWith: string | undefined;
  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'StatusError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  resource: ResourceName;
  /** The object as it would be stored; for DELETE the stored one. `mutate` may edit it, `validate` may not. */
  object: KubeObject;
  oldObject?: KubeObject;
  subresource?: string;
  dryRun: boolean;
}

/** The in-process counterpart of the webhooks; throws `StatusError` to deny. Not called for status writes. */
export interface Admission {
  mutate?(request: AdmissionRequest): void;
  validate?(request: AdmissionRequest): void;
}

/** What each version of a custom resource has for itself. */
export interface CustomVersion {
  columns: readonly {
    name: string;
    type: string;
    jsonPath: string;
    description?: string;
    format?: string;
    priority?: number;
  }[];
  /** Fields besides name and namespace that objects can be selected by, such as `spec.mode`. */
  selectableFields?: readonly string[];
  /** Where replica counts are, of a kind that can be scaled. */
  scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath?: string;
  };
  /** Whether `status` is a subresource of its own; true when absent, as for every kind of Longhorn. */
  statusSubresource?: boolean;
  /** OpenAPI v3 schema of the object, for validation, pruning and `kubectl explain`; absent means anything goes. */
  schema?: Record<string, Payload>;
  /** What is warned of at each use. */
  deprecation?: string;
}

/** A CustomResourceDefinition, reduced to what the server needs to serve it. */
export interface CustomResource extends CustomVersion {
  group: string;
  version: string;
  /** Further served versions, e.g. v1beta1 on old releases. */
  alsoServed?: readonly string[];
  kind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  namespaced: boolean;
  categories?: readonly string[];
  /** What versions have for themselves where they differ from the one above. */
  versions?: Readonly<Record<string, CustomVersion>>;
}
