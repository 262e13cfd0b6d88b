import type { ClusterStore, NewObject } from '../../../apiserver/store.ts';
import type { LonghornImages, VersionProfile } from '../../../versions/profile.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import { supportBundleAccount } from '../support-bundle/manager-deployment.ts';
import { csiDriverName, engineImageName, longhornNamespace } from '../cluster/names.ts';

const namespace = longhornNamespace;

/** Namespace, priority class and service account: what everything else of Longhorn stands in. */
export function seedNamespace(store: ClusterStore): void {
  if (store.get({ resource: 'namespaces', name: namespace }) === undefined) {
    store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  }
  for (const name of ['longhorn-service-account', supportBundleAccount]) {
    store.create('serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  }
  store.create('priorityclasses.scheduling.k8s.io', {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'longhorn-critical' },
    value: 1000000000,
  });
}

/** Longhorn's services, config, storage class, CSI driver and webhook configurations (longhorn-facts §8). */
export function seedInstallation(store: ClusterStore, profile: VersionProfile): void {
  for (const { name, port } of services(profile)) {
    store.create('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels: { app: name } },
      spec: {
        type: 'ClusterIP',
        selector: { app: 'longhorn-manager' },
        ports: [{ name: portName(name), port, targetPort: port }],
      },
    });
  }
  const storageClass = longhornStorageClass();
  for (const [name, data] of Object.entries({
    'longhorn-default-setting': {
      'default-setting.yaml': 'priority-class: longhorn-critical\ndisable-revision-counter: true\n',
    },
    'longhorn-default-resource': { 'default-resource.yaml': '' },
    'longhorn-storageclass': { 'storageclass.yaml': JSON.stringify(storageClass) },
  })) {
    store.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });
  }
  store.create('storageclasses.storage.k8s.io', storageClass);
  store.create('csidrivers.storage.k8s.io', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: csiDriverName },
    spec: {
      attachRequired: true,
      podInfoOnMount: true,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
    },
  });
  seedWebhookConfigurations(store);
}

function services(profile: VersionProfile): { name: string; port: number }[] {
  const conversion = isInVersionRange(profile.version, '..1.9.2')
    ? [{ name: 'longhorn-conversion-webhook', port: 9501 }]
    : [];
  return [
    { name: 'longhorn-backend', port: 9500 },
    { name: 'longhorn-admission-webhook', port: 9502 },
    { name: 'longhorn-recovery-backend', port: 9503 },
    { name: 'longhorn-frontend', port: 80 },
    ...conversion,
  ];
}

function portName(service: string): string {
  return service === 'longhorn-backend' ? 'manager' : service.replace('longhorn-', '');
}

function longhornStorageClass(): NewObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'longhorn', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: csiDriverName,
    allowVolumeExpansion: true,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    parameters: {
      numberOfReplicas: '3',
      staleReplicaTimeout: '30',
      fromBackup: '',
      fsType: 'ext4',
      dataLocality: 'disabled',
      unmapMarkSnapChainRemoved: 'ignored',
      disableRevisionCounter: 'true',
      dataEngine: 'v1',
      backupTargetName: 'default',
    },
  };
}

/**
 * Longhorn's webhook configurations, listed without rules: the embedded cluster runs the webhooks in its own process,
 * so there is no endpoint that the API server could call.
 */
function seedWebhookConfigurations(store: ClusterStore): void {
  for (const [kind, plural, name] of [
    ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', 'longhorn-webhook-validator'],
    ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', 'longhorn-webhook-mutator'],
  ] as const) {
    store.create(`${plural}.admissionregistration.k8s.io`, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name },
      webhooks: [],
    });
  }
}

interface Workload {
  kind: 'DaemonSet' | 'Deployment';
  name: string;
  containers: readonly { name: string; image: string }[];
  /** Of a Deployment. */
  replicas: number;
}

/** The workloads of an installation. Replicas: longhorn:deploy/longhorn.yaml, longhorn-manager:csi/deployment.go@v1.11.3. */
export function seedWorkloads(store: ClusterStore, profile: VersionProfile, nodeCount: number): void {
  for (const workload of workloads(profile.images)) {
    const labels = { app: workload.name };
    const plural = workload.kind === 'DaemonSet' ? 'daemonsets.apps' : 'deployments.apps';
    store.create(plural, {
      apiVersion: 'apps/v1',
      kind: workload.kind,
      metadata: { name: workload.name, namespace, labels },
      spec: {
        ...(workload.kind === 'Deployment' ? { replicas: workload.replicas } : {}),
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'longhorn-service-account',
            containers: workload.containers.map((entry) => ({ ...entry })),
          },
        },
      },
    });
    announceRollout(store, plural, workload, nodeCount);
  }
}

/** Longhorn is up when the cluster starts; the workload controllers keep the numbers true afterwards. */
function announceRollout(store: ClusterStore, plural: string, workload: Workload, nodeCount: number): void {
  store.mutate(
    { resource: plural, namespace, name: workload.name },
    (draft) => {
      draft.status =
        workload.kind === 'DaemonSet'
          ? {
              currentNumberScheduled: nodeCount,
              desiredNumberScheduled: nodeCount,
              numberAvailable: nodeCount,
              numberMisscheduled: 0,
              numberReady: nodeCount,
              observedGeneration: 1,
              updatedNumberScheduled: nodeCount,
            }
          : {
              availableReplicas: workload.replicas,
              conditions: [{ type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' }],
              observedGeneration: 1,
              readyReplicas: workload.replicas,
              replicas: workload.replicas,
              updatedReplicas: workload.replicas,
            };
    },
    { subresource: 'status' },
  );
}

function workloads(images: LonghornImages): Workload[] {
  const deployment = (name: string, image: string, replicas: number): Workload => ({
    kind: 'Deployment',
    name,
    containers: [{ name, image }],
    replicas,
  });
  const daemonSet = (name: string, containers: Workload['containers']): Workload => ({
    kind: 'DaemonSet',
    name,
    containers,
    replicas: 0,
  });
  const plugin = [
    { name: 'node-driver-registrar', image: images.csi.registrar },
    { name: 'longhorn-liveness-probe', image: images.csi.livenessprobe },
    { name: 'longhorn-csi-plugin', image: images.manager },
  ];
  const engineImage = `engine-image-${engineImageName(images.engine)}`;
  return [
    daemonSet('longhorn-manager', [{ name: 'longhorn-manager', image: images.manager }]),
    daemonSet('longhorn-csi-plugin', plugin),
    daemonSet(engineImage, [{ name: engineImage, image: images.engine }]),
    deployment('longhorn-driver-deployer', images.manager, 1),
    deployment('longhorn-ui', images.ui, 2),
    deployment('csi-attacher', images.csi.attacher, 3),
    deployment('csi-provisioner', images.csi.provisioner, 3),
    deployment('csi-resizer', images.csi.resizer, 3),
    deployment('csi-snapshotter', images.csi.snapshotter, 3),
  ];
}
