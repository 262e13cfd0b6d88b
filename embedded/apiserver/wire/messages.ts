/**
 * Protobuf field numbers of the kinds that `kubectl create …`, `kubectl auth can-i` and `kubectl drain` send in protobuf
 * (kubernetes/api@v0.36.2, the generated.proto of each group). Not a full set: what is missing is refused by name.
 *
 * Each entry is `field:number:type`. Types: s string, y bytes, i integer, b boolean (a zero value of these means absent);
 * I and B are pointers, whose zero is a value; t time, q quantity, x int-or-string; `[T]` list, `{T}` map by string.
 */
const table = {
  ObjectMeta:
    'name:1:s generateName:2:s namespace:3:s selfLink:4:s uid:5:s resourceVersion:6:s generation:7:i creationTimestamp:8:t deletionTimestamp:9:t ' +
    'deletionGracePeriodSeconds:10:I labels:11:{s} annotations:12:{s} ownerReferences:13:[OwnerReference] finalizers:14:[s]',
  OwnerReference: 'kind:1:s name:3:s uid:4:s apiVersion:5:s controller:6:B blockOwnerDeletion:7:B',
  DeleteOptions:
    'gracePeriodSeconds:1:I preconditions:2:Preconditions orphanDependents:3:B propagationPolicy:4:s dryRun:5:[s]',
  Preconditions: 'uid:1:s resourceVersion:2:s',
  LabelSelector: 'matchLabels:1:{s} matchExpressions:2:[LabelSelectorRequirement]',
  LabelSelectorRequirement: 'key:1:s operator:2:s values:3:[s]',
  LocalObjectReference: 'name:1:s',
  ObjectReference: 'kind:1:s namespace:2:s name:3:s uid:4:s apiVersion:5:s resourceVersion:6:s fieldPath:7:s',
  Status: '',

  ConfigMap: 'metadata:1:ObjectMeta data:2:{s} binaryData:3:{y} immutable:4:B',
  Secret: 'metadata:1:ObjectMeta data:2:{y} type:3:s stringData:4:{s} immutable:5:B',
  Namespace: 'metadata:1:ObjectMeta spec:2:NamespaceSpec status:3:Status',
  NamespaceSpec: 'finalizers:1:[s]',
  ServiceAccount:
    'metadata:1:ObjectMeta secrets:2:[ObjectReference] imagePullSecrets:3:[LocalObjectReference] automountServiceAccountToken:4:B',
  Binding: 'metadata:1:ObjectMeta target:2:ObjectReference',
  ResourceQuota: 'metadata:1:ObjectMeta spec:2:ResourceQuotaSpec status:3:Status',
  ResourceQuotaSpec: 'hard:1:{q} scopes:2:[s]',
  Service: 'metadata:1:ObjectMeta spec:2:ServiceSpec status:3:Empty',
  Empty: 'loadBalancer:1:Status',
  ServiceSpec:
    'ports:1:[ServicePort] selector:2:{s} clusterIP:3:s type:4:s externalIPs:5:[s] sessionAffinity:7:s loadBalancerIP:8:s externalName:10:s ' +
    'externalTrafficPolicy:11:s healthCheckNodePort:12:i publishNotReadyAddresses:13:b ipFamilyPolicy:17:s clusterIPs:18:[s] ipFamilies:19:[s] internalTrafficPolicy:22:s',
  ServicePort: 'name:1:s protocol:2:s port:3:i targetPort:4:x nodePort:5:i appProtocol:6:s',
  Event:
    'metadata:1:ObjectMeta involvedObject:2:ObjectReference reason:3:s message:4:s source:5:EventSource firstTimestamp:6:t lastTimestamp:7:t count:8:i ' +
    'type:9:s eventTime:10:t series:11:EventSeries action:12:s related:13:ObjectReference reportingComponent:14:s reportingInstance:15:s',
  EventSource: 'component:1:s host:2:s',
  EventSeries: 'count:1:i lastObservedTime:2:t',

  SelfSubjectAccessReview: 'metadata:1:ObjectMeta spec:2:AccessReviewSpec status:3:AccessReviewStatus',
  SubjectAccessReview: 'metadata:1:ObjectMeta spec:2:AccessReviewSpec status:3:AccessReviewStatus',
  LocalSubjectAccessReview: 'metadata:1:ObjectMeta spec:2:AccessReviewSpec status:3:AccessReviewStatus',
  AccessReviewSpec:
    'resourceAttributes:1:ResourceAttributes nonResourceAttributes:2:NonResourceAttributes user:3:s groups:4:[s] uid:6:s',
  AccessReviewStatus: 'allowed:1:b reason:2:s evaluationError:3:s denied:4:b',
  ResourceAttributes: 'namespace:1:s verb:2:s group:3:s version:4:s resource:5:s subresource:6:s name:7:s',
  NonResourceAttributes: 'path:1:s verb:2:s',
  SelfSubjectRulesReview: 'metadata:1:ObjectMeta spec:2:RulesReviewSpec status:3:RulesReviewStatus',
  RulesReviewSpec: 'namespace:1:s',
  RulesReviewStatus: 'incomplete:3:b evaluationError:4:s',
  SelfSubjectReview: 'metadata:1:ObjectMeta status:2:SelfSubjectReviewStatus',
  SelfSubjectReviewStatus: 'userInfo:1:UserInfo',
  UserInfo: 'username:1:s uid:2:s groups:3:[s]',
  TokenReview: 'metadata:1:ObjectMeta spec:2:TokenReviewSpec status:3:TokenReviewStatus',
  TokenReviewSpec: 'token:1:s audiences:2:[s]',
  TokenReviewStatus: 'authenticated:1:b user:2:UserInfo error:3:s audiences:4:[s]',
  TokenRequest: 'metadata:1:ObjectMeta spec:2:TokenRequestSpec status:3:TokenRequestStatus',
  TokenRequestSpec: 'audiences:1:[s] boundObjectRef:3:BoundObjectReference expirationSeconds:4:I',
  TokenRequestStatus: 'token:1:s expirationTimestamp:2:t',
  BoundObjectReference: 'kind:1:s apiVersion:2:s name:3:s uid:4:s',
  Eviction: 'metadata:1:ObjectMeta deleteOptions:2:DeleteOptions',
  PodDisruptionBudget: 'metadata:1:ObjectMeta spec:2:PodDisruptionBudgetSpec status:3:PodDisruptionBudgetStatus',
  PodDisruptionBudgetSpec:
    'minAvailable:1:x selector:2:LabelSelector maxUnavailable:3:x unhealthyPodEvictionPolicy:4:s',
  PodDisruptionBudgetStatus:
    'observedGeneration:1:i disruptionsAllowed:3:i currentHealthy:4:i desiredHealthy:5:i expectedPods:6:i',

  Role: 'metadata:1:ObjectMeta rules:2:[PolicyRule]',
  ClusterRole: 'metadata:1:ObjectMeta rules:2:[PolicyRule] aggregationRule:3:AggregationRule',
  AggregationRule: 'clusterRoleSelectors:1:[LabelSelector]',
  PolicyRule: 'verbs:1:[s] apiGroups:2:[s] resources:3:[s] resourceNames:4:[s] nonResourceURLs:5:[s]',
  RoleBinding: 'metadata:1:ObjectMeta subjects:2:[Subject] roleRef:3:RoleRef',
  ClusterRoleBinding: 'metadata:1:ObjectMeta subjects:2:[Subject] roleRef:3:RoleRef',
  Subject: 'kind:1:s apiGroup:2:s name:3:s namespace:4:s',
  RoleRef: 'apiGroup:1:s kind:2:s name:3:s',

  Deployment: 'metadata:1:ObjectMeta spec:2:DeploymentSpec status:3:DeploymentStatus',
  DeploymentSpec:
    'replicas:1:I selector:2:LabelSelector template:3:PodTemplateSpec strategy:4:DeploymentStrategy minReadySeconds:5:i revisionHistoryLimit:6:I ' +
    'paused:7:b progressDeadlineSeconds:9:I',
  DeploymentStrategy: 'type:1:s',
  DeploymentStatus:
    'observedGeneration:1:i replicas:2:i updatedReplicas:3:i availableReplicas:4:i unavailableReplicas:5:i readyReplicas:7:i',
  Job: 'metadata:1:ObjectMeta spec:2:JobSpec status:3:JobStatus',
  JobSpec:
    'parallelism:1:I completions:2:I activeDeadlineSeconds:3:I selector:4:LabelSelector manualSelector:5:B template:6:PodTemplateSpec backoffLimit:7:I ' +
    'ttlSecondsAfterFinished:8:I completionMode:9:s suspend:10:B',
  JobStatus: 'active:4:i succeeded:5:i failed:6:i completedIndexes:7:s',
  CronJob: 'metadata:1:ObjectMeta spec:2:CronJobSpec status:3:Status',
  CronJobSpec:
    'schedule:1:s startingDeadlineSeconds:2:I concurrencyPolicy:3:s suspend:4:B jobTemplate:5:JobTemplateSpec successfulJobsHistoryLimit:6:I ' +
    'failedJobsHistoryLimit:7:I timeZone:8:s',
  JobTemplateSpec: 'metadata:1:ObjectMeta spec:2:JobSpec',
  PodTemplateSpec: 'metadata:1:ObjectMeta spec:2:PodSpec',
  PodSpec:
    'containers:2:[Container] restartPolicy:3:s terminationGracePeriodSeconds:4:I activeDeadlineSeconds:5:I dnsPolicy:6:s nodeSelector:7:{s} ' +
    'serviceAccountName:8:s serviceAccount:9:s nodeName:10:s hostNetwork:11:b hostPID:12:b hostIPC:13:b securityContext:14:Status hostname:16:s ' +
    'subdomain:17:s schedulerName:19:s initContainers:20:[Container] automountServiceAccountToken:21:B priorityClassName:24:s priority:25:I',
  Container:
    'name:1:s image:2:s command:3:[s] args:4:[s] workingDir:5:s ports:6:[ContainerPort] env:7:[EnvVar] resources:8:ResourceRequirements ' +
    'terminationMessagePath:13:s imagePullPolicy:14:s stdin:16:b stdinOnce:17:b tty:18:b terminationMessagePolicy:20:s',
  ContainerPort: 'name:1:s hostPort:2:i containerPort:3:i protocol:4:s hostIP:5:s',
  EnvVar: 'name:1:s value:2:s',
  ResourceRequirements: 'limits:1:{q} requests:2:{q}',
  PriorityClass: 'metadata:1:ObjectMeta value:2:i globalDefault:3:b description:4:s preemptionPolicy:5:s',
  Lease: 'metadata:1:ObjectMeta spec:2:LeaseSpec',
  LeaseSpec: 'holderIdentity:1:s leaseDurationSeconds:2:I acquireTime:3:t renewTime:4:t leaseTransitions:5:I',
} as const;

export interface MessageField {
  readonly name: string;
  readonly type: string;
}

const parsed = new Map<string, ReadonlyMap<number, MessageField>>();

/** The fields of a message by number; undefined for messages that are not in the table. */
export function messageFields(message: string): ReadonlyMap<number, MessageField> | undefined {
  const known = parsed.get(message);
  if (known !== undefined) return known;
  const text = (table as Readonly<Record<string, string>>)[message];
  if (text === undefined) return undefined;
  const fields = new Map<number, MessageField>();
  for (const entry of text.split(' ').filter((part) => part !== '')) {
    const [name = '', number, type = ''] = entry.split(':');
    fields.set(Number(number), { name, type });
  }
  parsed.set(message, fields);
  return fields;
}
