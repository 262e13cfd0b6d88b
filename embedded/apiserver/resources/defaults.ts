/** Server-side defaults of the built-in kinds (kubernetes:pkg/apis/<group>/v1/defaults.go@v1.36). */
import type { KubeObject, Payload, ResourceName } from '../store.ts';
import { defaultPodSpec, defaultPodTemplate, fill } from './pod-defaults.ts';

type Defaulting = (object: KubeObject, old: KubeObject | undefined) => void;

const workload =
  (defaults: Readonly<Record<string, Payload>>, more?: (spec: Payload) => void): Defaulting =>
  (object) => {
    object.spec ??= {};
    fill(object.spec, defaults);
    more?.(object.spec);
    if (object.spec.template !== undefined) defaultPodTemplate(object.spec.template);
  };

const rolling = (parameters: Readonly<Record<string, Payload>>) => (spec: Payload) => {
  const strategy = spec.strategy ?? spec.updateStrategy;
  if (strategy === undefined) return;
  strategy.type ??= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    fill(strategy.rollingUpdate, parameters);
  }
};

const defaults: Readonly<Record<ResourceName, Defaulting>> = {
  pods(object) {
    object.spec ??= {};
    defaultPodSpec(object.spec);
    object.status ??= {};
    object.status.qosClass ??= qosClass(object.spec);
  },
  services(object) {
    object.spec ??= {};
    fill(object.spec, { sessionAffinity: 'None', type: 'ClusterIP', internalTrafficPolicy: 'Cluster' });
    for (const port of object.spec.ports ?? []) {
      fill(port, { protocol: 'TCP', targetPort: port.port });
    }
    if (object.spec.type !== 'ExternalName') fill(object.spec, { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
    object.status ??= {};
    fill(object.status, { loadBalancer: {} });
  },
  secrets: (object) => fill(object, { type: 'Opaque' }),
  persistentvolumeclaims(object) {
    object.spec ??= {};
    fill(object.spec, { volumeMode: 'Filesystem' });
  },
  persistentvolumes(object) {
    object.spec ??= {};
    fill(object.spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' });
  },
  'storageclasses.storage.k8s.io': (object) =>
    fill(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  'csidrivers.storage.k8s.io'(object) {
    object.spec ??= {};
    fill(object.spec, {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
      requiresRepublish: false,
      seLinuxMount: false,
    });
  },
  'deployments.apps': workload(
    { replicas: 1, strategy: { type: 'RollingUpdate' }, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
    rolling({ maxUnavailable: '25%', maxSurge: '25%' }),
  ),
  'daemonsets.apps': workload(
    { updateStrategy: { type: 'RollingUpdate' }, revisionHistoryLimit: 10 },
    rolling({ maxUnavailable: 1, maxSurge: 0 }),
  ),
  'statefulsets.apps': workload(
    {
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate' },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    },
    rolling({ partition: 0 }),
  ),
  'replicasets.apps': workload({ replicas: 1 }),
  'jobs.batch'(object, old) {
    // Where each index has a limit of its own, all together have none unless one is given.
    const backoffLimit = object.spec?.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1;
    workload({
      parallelism: 1,
      completions: 1,
      backoffLimit,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      manualSelector: false,
    })(object, old);
    if (old === undefined && object.spec.manualSelector !== true) selectOwnPods(object);
  },
  'cronjobs.batch'(object) {
    object.spec ??= {};
    fill(object.spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    if (object.spec.jobTemplate?.spec?.template !== undefined)
      defaultPodTemplate(object.spec.jobTemplate.spec.template);
  },
  'customresourcedefinitions.apiextensions.k8s.io'(object) {
    object.spec ??= {};
    fill(object.spec, { conversion: { strategy: 'None' } });
    const names = object.spec.names ?? {};
    const kind: string = names.kind ?? '';
    if (kind !== '') fill(names, { listKind: `${kind}List`, singular: kind.toLowerCase() });
  },
};

/** Labels by which a job finds its pods (kubernetes:pkg/registry/batch/job/strategy.go generateSelector). */
function selectOwnPods(object: KubeObject): void {
  const { uid, name } = object.metadata;
  const template: Payload = (object.spec.template ??= {});
  template.metadata ??= {};
  template.metadata.labels = {
    ...template.metadata.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  object.spec.selector ??= { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
}

function qosClass(spec: Payload): string {
  const limits: Payload[] = (spec.containers ?? []).map((container: Payload) => container.resources ?? {});
  const empty = (values: Payload): boolean => Object.keys(values ?? {}).length === 0;
  if (limits.every((resources) => empty(resources.limits) && empty(resources.requests))) return 'BestEffort';
  const guaranteed = limits.every((resources) =>
    ['cpu', 'memory'].every(
      (name) =>
        resources.limits?.[name] !== undefined &&
        (resources.requests?.[name] === undefined || resources.requests[name] === resources.limits[name]),
    ),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** The defaulting of a built-in kind; it edits the object in place. */
export function defaultsOf(name: ResourceName): Defaulting | undefined {
  return defaults[name];
}
