import type { ClusterStore, KubeObject } from '../../apiserver/store.ts';
import type { Clock } from '../../clock.ts';
import type { CsiDriver } from '../csi.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Identifiers } from './identifiers.ts';
import { resource, type Resource } from './resource.ts';
import type { ConfigMap, Secret } from './objects/config.ts';
import type { CsiNode, Node } from './objects/node.ts';
import type { Pod } from './objects/pod.ts';
import type { Endpoints, EndpointSlice, Service } from './objects/service.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttachment } from './objects/storage.ts';
import type { DaemonSet, Deployment, Job, ReplicaSet, StatefulSet } from './objects/workload.ts';

export interface Resources {
  pods: Resource<Pod>;
  nodes: Resource<Node>;
  csiNodes: Resource<CsiNode>;
  configMaps: Resource<ConfigMap>;
  secrets: Resource<Secret>;
  services: Resource<Service>;
  endpoints: Resource<Endpoints>;
  endpointSlices: Resource<EndpointSlice>;
  claims: Resource<PersistentVolumeClaim>;
  volumes: Resource<PersistentVolume>;
  storageClasses: Resource<StorageClass>;
  attachments: Resource<VolumeAttachment>;
  deployments: Resource<Deployment>;
  replicaSets: Resource<ReplicaSet>;
  daemonSets: Resource<DaemonSet>;
  statefulSets: Resource<StatefulSet>;
  jobs: Resource<Job>;
  namespaces: Resource<KubeObject>;
}

export function createResources(store: ClusterStore, signal: AbortSignal): Resources {
  return {
    pods: resource(store, 'pods', signal),
    nodes: resource(store, 'nodes', signal),
    csiNodes: resource(store, 'csinodes.storage.k8s.io', signal),
    configMaps: resource(store, 'configmaps', signal),
    secrets: resource(store, 'secrets', signal),
    services: resource(store, 'services', signal),
    endpoints: resource(store, 'endpoints', signal),
    endpointSlices: resource(store, 'endpointslices.discovery.k8s.io', signal),
    claims: resource(store, 'persistentvolumeclaims', signal),
    volumes: resource(store, 'persistentvolumes', signal),
    storageClasses: resource(store, 'storageclasses.storage.k8s.io', signal),
    attachments: resource(store, 'volumeattachments.storage.k8s.io', signal),
    deployments: resource(store, 'deployments.apps', signal),
    replicaSets: resource(store, 'replicasets.apps', signal),
    daemonSets: resource(store, 'daemonsets.apps', signal),
    statefulSets: resource(store, 'statefulsets.apps', signal),
    jobs: resource(store, 'jobs.batch', signal),
    namespaces: resource(store, 'namespaces', signal),
  };
}

export interface ClusterNode {
  readonly name: string;
  readonly ip: string;
}

/** The CSI drivers that are there now; more may be registered while the cluster runs. */
export interface CsiRegistry {
  get(name: string): CsiDriver | undefined;
  list(): readonly CsiDriver[];
  register(driver: CsiDriver): void;
  onRegister(listener: (driver: CsiDriver) => void): void;
}

/** What lets a pod talk to the API as its service account. */
export interface PodIdentity {
  readonly host: string;
  readonly port: number;
  issueToken(account: { readonly namespace: string; readonly name: string }): string;
}

/** What every controller of the embedded cluster gets. */
export interface ClusterContext {
  readonly resources: Resources;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly identifiers: Identifiers;
  readonly nodes: readonly ClusterNode[];
  readonly csi: CsiRegistry;
  /** Undefined while no API server is there. */
  readonly identity: () => PodIdentity | undefined;
  /** Aborted when the cluster stops. */
  readonly signal: AbortSignal;
}

/** A running controller: nothing of it goes on once the context's signal is aborted and this has resolved. */
export interface Controller {
  idle(): Promise<void>;
}
