/**
 * The resources of a Kubernetes 1.36 API server, as data, in the order its discovery documents list them
 * (kubernetes/exchanges.jsonl, "core resources" and "aggregated discovery").
 */
import type { ResourceType, Subresource } from './type.ts';

const everyVerb = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const edit = ['get', 'patch', 'update'];

interface Row {
  readonly kind: string;
  readonly plural: string;
  readonly singular?: string;
  readonly scope?: 'cluster';
  readonly verbs?: readonly string[];
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly subs?: readonly Subresource[];
  readonly storedAs?: string;
  readonly counted?: true;
  readonly returnsDeleted?: true;
}

const status = (kind: string): Subresource => ({ name: 'status', verbs: edit, kind });
const scale: Subresource = { name: 'scale', verbs: edit, kind: 'Scale', group: 'autoscaling', version: 'v1' };
const proxyVerbs = ['create', 'delete', 'get', 'patch', 'update'];
const createOnly = ['create'];
const all = ['all'];
const extensions = ['api-extensions'];

const podSubresources: readonly Subresource[] = [
  { name: 'attach', verbs: ['create', 'get'], kind: 'PodAttachOptions' },
  { name: 'binding', verbs: createOnly, kind: 'Binding' },
  { name: 'ephemeralcontainers', verbs: edit, kind: 'Pod' },
  { name: 'eviction', verbs: createOnly, kind: 'Eviction', group: 'policy', version: 'v1' },
  { name: 'exec', verbs: ['create', 'get'], kind: 'PodExecOptions' },
  { name: 'log', verbs: ['get'], kind: 'Pod' },
  { name: 'portforward', verbs: ['create', 'get'], kind: 'PodPortForwardOptions' },
  { name: 'proxy', verbs: proxyVerbs, kind: 'PodProxyOptions' },
  { name: 'resize', verbs: edit, kind: 'Pod' },
  status('Pod'),
];

const core: readonly Row[] = [
  { kind: 'Binding', plural: 'bindings', verbs: createOnly },
  {
    kind: 'ComponentStatus',
    plural: 'componentstatuses',
    singular: 'componentstatus',
    scope: 'cluster',
    verbs: ['get', 'list'],
    short: ['cs'],
  },
  { kind: 'ConfigMap', plural: 'configmaps', short: ['cm'] },
  { kind: 'Endpoints', plural: 'endpoints', singular: 'endpoints', short: ['ep'] },
  { kind: 'Event', plural: 'events', short: ['ev'] },
  { kind: 'LimitRange', plural: 'limitranges', short: ['limits'] },
  {
    kind: 'Namespace',
    plural: 'namespaces',
    scope: 'cluster',
    short: ['ns'],
    verbs: everyVerb.filter((verb) => verb !== 'deletecollection'),
    subs: [{ name: 'finalize', verbs: ['update'], kind: 'Namespace' }, status('Namespace')],
  },
  {
    kind: 'Node',
    plural: 'nodes',
    scope: 'cluster',
    short: ['no'],
    subs: [{ name: 'proxy', verbs: proxyVerbs, kind: 'NodeProxyOptions' }, status('Node')],
  },
  {
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    short: ['pvc'],
    subs: [status('PersistentVolumeClaim')],
    returnsDeleted: true,
  },
  {
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    scope: 'cluster',
    short: ['pv'],
    subs: [status('PersistentVolume')],
    returnsDeleted: true,
  },
  {
    kind: 'Pod',
    plural: 'pods',
    short: ['po'],
    categories: all,
    subs: podSubresources,
    counted: true,
    returnsDeleted: true,
  },
  { kind: 'PodTemplate', plural: 'podtemplates', returnsDeleted: true },
  {
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    short: ['rc'],
    categories: all,
    subs: [scale, status('ReplicationController')],
    counted: true,
  },
  {
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    short: ['quota'],
    subs: [status('ResourceQuota')],
    returnsDeleted: true,
  },
  { kind: 'Secret', plural: 'secrets' },
  {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    short: ['sa'],
    returnsDeleted: true,
    subs: [{ name: 'token', verbs: createOnly, kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1' }],
  },
  {
    kind: 'Service',
    plural: 'services',
    short: ['svc'],
    categories: all,
    returnsDeleted: true,
    subs: [{ name: 'proxy', verbs: proxyVerbs, kind: 'ServiceProxyOptions' }, status('Service')],
  },
];

const apps: readonly Row[] = [
  { kind: 'ControllerRevision', plural: 'controllerrevisions' },
  {
    kind: 'DaemonSet',
    plural: 'daemonsets',
    short: ['ds'],
    categories: all,
    subs: [status('DaemonSet')],
    counted: true,
  },
  {
    kind: 'Deployment',
    plural: 'deployments',
    short: ['deploy'],
    categories: all,
    subs: [scale, status('Deployment')],
    counted: true,
  },
  {
    kind: 'ReplicaSet',
    plural: 'replicasets',
    short: ['rs'],
    categories: all,
    subs: [scale, status('ReplicaSet')],
    counted: true,
  },
  {
    kind: 'StatefulSet',
    plural: 'statefulsets',
    short: ['sts'],
    categories: all,
    subs: [scale, status('StatefulSet')],
    counted: true,
  },
];

const hpa: Row = {
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  short: ['hpa'],
  categories: all,
  subs: [status('HorizontalPodAutoscaler')],
};

const review = (kind: string, scope: 'cluster' | 'namespaced'): Row => ({
  kind,
  plural: `${kind.toLowerCase()}s`,
  verbs: createOnly,
  ...(scope === 'cluster' ? { scope } : {}),
});

const cluster = (kind: string, plural: string, more: Partial<Row> = {}): Row => ({
  kind,
  plural,
  scope: 'cluster',
  ...more,
});

const groups: readonly (readonly [group: string, version: string, rows: readonly Row[]])[] = [
  ['', 'v1', core],
  [
    'apiregistration.k8s.io',
    'v1',
    [cluster('APIService', 'apiservices', { categories: extensions, subs: [status('APIService')] })],
  ],
  ['apps', 'v1', apps],
  ['events.k8s.io', 'v1', [{ kind: 'Event', plural: 'events', short: ['ev'], storedAs: 'events' }]],
  ['authentication.k8s.io', 'v1', [review('SelfSubjectReview', 'cluster'), review('TokenReview', 'cluster')]],
  [
    'authorization.k8s.io',
    'v1',
    [
      review('LocalSubjectAccessReview', 'namespaced'),
      review('SelfSubjectAccessReview', 'cluster'),
      review('SelfSubjectRulesReview', 'cluster'),
      review('SubjectAccessReview', 'cluster'),
    ],
  ],
  ['autoscaling', 'v2', [hpa]],
  ['autoscaling', 'v1', [hpa]],
  [
    'batch',
    'v1',
    [
      { kind: 'CronJob', plural: 'cronjobs', short: ['cj'], categories: all, subs: [status('CronJob')], counted: true },
      { kind: 'Job', plural: 'jobs', categories: all, subs: [status('Job')], counted: true },
    ],
  ],
  [
    'certificates.k8s.io',
    'v1',
    [
      cluster('CertificateSigningRequest', 'certificatesigningrequests', {
        short: ['csr'],
        subs: [
          { name: 'approval', verbs: edit, kind: 'CertificateSigningRequest' },
          status('CertificateSigningRequest'),
        ],
      }),
    ],
  ],
  [
    'networking.k8s.io',
    'v1',
    [
      cluster('IngressClass', 'ingressclasses', { counted: true }),
      { kind: 'Ingress', plural: 'ingresses', short: ['ing'], subs: [status('Ingress')], counted: true },
      cluster('IPAddress', 'ipaddresses', { short: ['ip'] }),
      { kind: 'NetworkPolicy', plural: 'networkpolicies', short: ['netpol'], counted: true },
      cluster('ServiceCIDR', 'servicecidrs', { subs: [status('ServiceCIDR')] }),
    ],
  ],
  [
    'policy',
    'v1',
    [
      {
        kind: 'PodDisruptionBudget',
        plural: 'poddisruptionbudgets',
        short: ['pdb'],
        subs: [status('PodDisruptionBudget')],
        counted: true,
      },
    ],
  ],
  [
    'rbac.authorization.k8s.io',
    'v1',
    [
      cluster('ClusterRoleBinding', 'clusterrolebindings'),
      cluster('ClusterRole', 'clusterroles'),
      { kind: 'RoleBinding', plural: 'rolebindings' },
      { kind: 'Role', plural: 'roles' },
    ],
  ],
  [
    'storage.k8s.io',
    'v1',
    [
      cluster('CSIDriver', 'csidrivers', { returnsDeleted: true }),
      cluster('CSINode', 'csinodes', { returnsDeleted: true }),
      { kind: 'CSIStorageCapacity', plural: 'csistoragecapacities' },
      cluster('StorageClass', 'storageclasses', { short: ['sc'], returnsDeleted: true }),
      cluster('VolumeAttachment', 'volumeattachments', { subs: [status('VolumeAttachment')], returnsDeleted: true }),
      cluster('VolumeAttributesClass', 'volumeattributesclasses', { short: ['vac'] }),
    ],
  ],
  [
    'admissionregistration.k8s.io',
    'v1',
    [
      cluster('MutatingAdmissionPolicy', 'mutatingadmissionpolicies', { categories: extensions, counted: true }),
      cluster('MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings', {
        categories: extensions,
        counted: true,
      }),
      cluster('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
        categories: extensions,
        counted: true,
      }),
      cluster('ValidatingAdmissionPolicy', 'validatingadmissionpolicies', {
        categories: extensions,
        counted: true,
        subs: [status('ValidatingAdmissionPolicy')],
      }),
      cluster('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', {
        categories: extensions,
        counted: true,
      }),
      cluster('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {
        categories: extensions,
        counted: true,
      }),
    ],
  ],
  [
    'apiextensions.k8s.io',
    'v1',
    [
      cluster('CustomResourceDefinition', 'customresourcedefinitions', {
        short: ['crd', 'crds'],
        categories: extensions,
        subs: [status('CustomResourceDefinition')],
        counted: true,
      }),
    ],
  ],
  ['scheduling.k8s.io', 'v1', [cluster('PriorityClass', 'priorityclasses', { short: ['pc'], counted: true })]],
  ['coordination.k8s.io', 'v1', [{ kind: 'Lease', plural: 'leases' }]],
  ['node.k8s.io', 'v1', [cluster('RuntimeClass', 'runtimeclasses')]],
  ['discovery.k8s.io', 'v1', [{ kind: 'EndpointSlice', plural: 'endpointslices', counted: true }]],
  [
    'resource.k8s.io',
    'v1',
    [
      cluster('DeviceClass', 'deviceclasses', { counted: true }),
      { kind: 'ResourceClaim', plural: 'resourceclaims', subs: [status('ResourceClaim')] },
      { kind: 'ResourceClaimTemplate', plural: 'resourceclaimtemplates' },
      cluster('ResourceSlice', 'resourceslices', { counted: true }),
    ],
  ],
  [
    'flowcontrol.apiserver.k8s.io',
    'v1',
    [
      cluster('FlowSchema', 'flowschemas', { subs: [status('FlowSchema')], counted: true }),
      cluster('PriorityLevelConfiguration', 'prioritylevelconfigurations', {
        subs: [status('PriorityLevelConfiguration')],
        counted: true,
      }),
    ],
  ],
];

function expand(group: string, version: string, row: Row): ResourceType {
  const name = group === '' ? row.plural : `${row.plural}.${group}`;
  return {
    group,
    version,
    kind: row.kind,
    plural: row.plural,
    singular: row.singular ?? row.kind.toLowerCase(),
    namespaced: row.scope !== 'cluster',
    verbs: row.verbs ?? everyVerb,
    shortNames: row.short ?? [],
    categories: row.categories ?? [],
    subresources: row.subs ?? [],
    storedAs: row.storedAs ?? name,
    counted: row.counted ?? false,
    returnsDeleted: row.returnsDeleted ?? false,
    custom: undefined,
  };
}

/** Every built-in resource, preferred version of a group first. */
export const builtinResources: readonly ResourceType[] = groups.flatMap(([group, version, rows]) =>
  rows.map((row) => expand(group, version, row)),
);
