/** The objects of a run inside the cluster. */
import { stringify } from 'yaml';
import { shellWord } from '../../helpers/kubernetes/reach.ts';
import { accountDirectory, accountDirectoryVariable } from '../../helpers/kubernetes/service-account.ts';
import { type JobRequest, seedOf } from './request.ts';
import { occasionsOf, rulesFor, type PolicyRule } from './rbac.ts';

const name = 'v2-verifier';
const labels = { 'app.kubernetes.io/name': 'longhorn-v2-verifier' };
const reportsPath = '/reports';
const readerName = 'reports';
const subjectKinds = { user: 'User', group: 'Group' } as const;

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels: Record<string, string> };
  readonly [field: string]: unknown;
}

/** In the order in which they can be applied. Without a Job where the access is somebody else's; a reader comes alone. */
export function jobObjects(request: JobRequest): KubernetesObject[] {
  const { namespace, longhornNamespace, accessFor } = request;
  if (request.reader !== undefined) return [readerPod(request, request.reader.claim)];
  const occasions = occasionsOf(request);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    ...(accessFor === undefined ? [account] : []),
    ...grant('Role', rulesFor('run namespace', occasions), request, namespace),
    ...grant('Role', rulesFor('longhorn namespace', occasions), request, longhornNamespace),
    ...grant('ClusterRole', rulesFor('cluster', occasions), request),
    ...(accessFor === undefined ? [job(request)] : []),
  ];
}

export function manifestYaml(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}

function grant(
  kind: 'Role' | 'ClusterRole',
  rules: readonly PolicyRule[],
  request: JobRequest,
  place?: string,
): KubernetesObject[] {
  const apiGroup = 'rbac.authorization.k8s.io';
  const apiVersion = `${apiGroup}/v1`;
  const { accessFor, namespace } = request;
  // The Roles of a Job and of a person are apart: applying the one never takes from the other.
  const roleName = accessFor === undefined ? name : `${name}-${accessFor.kind}`;
  const metadata = { name: roleName, ...(place === undefined ? {} : { namespace: place }), labels };
  const subjects =
    accessFor === undefined
      ? [{ kind: 'ServiceAccount', name, namespace }]
      : [{ kind: subjectKinds[accessFor.kind], name: accessFor.name, apiGroup }];
  return [
    { apiVersion, kind, metadata, rules },
    { apiVersion, kind: `${kind}Binding`, metadata, subjects, roleRef: { apiGroup, kind, name: roleName } },
  ];
}

function job(request: JobRequest): KubernetesObject {
  const { namespace, pullSecrets, shards, reportClaim } = request;
  const reports = reportClaim === undefined ? { emptyDir: {} } : claimed(reportClaim);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'verify', namespace, labels },
    spec: {
      // A second try would hide what the first one found.
      ...(shards === 1 ? { backoffLimit: 0 } : indexed(shards)),
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          restartPolicy: 'Never',
          // Long enough to undo everything when the Job is deleted.
          terminationGracePeriodSeconds: 600,
          imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })),
          containers: [
            {
              name: 'verify',
              image: request.image,
              imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-c', command(request)],
              // Said in words: what runs pods without a file system of their own knows a path by seeing it.
              env: [{ name: accountDirectoryVariable, value: accountDirectory }],
              resources: { requests: { cpu: '500m', memory: '1Gi' } },
              volumeMounts: [{ name: 'reports', mountPath: reportsPath }],
            },
          ],
          volumes: [{ name: 'reports', ...reports }],
        },
      },
    },
  };
}

/**
 * Shards of one cluster would wait for its lock anyway. One after another, a claim that one node at a time can mount is
 * enough for their reports. A finding of one does not end the others: each index has a limit of its own.
 */
function indexed(shards: number): object {
  return { completionMode: 'Indexed', completions: shards, parallelism: 1, backoffLimitPerIndex: 0 };
}

function claimed(claimName: string): object {
  return { persistentVolumeClaim: { claimName } };
}

/** Mounts the reports and waits: files are copied out of running pods only. */
function readerPod({ namespace, image, pullSecrets }: JobRequest, claim: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: readerName, namespace, labels },
    spec: {
      restartPolicy: 'Never',
      // Nothing that it runs could end in an orderly way.
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })),
      containers: [
        {
          name: readerName,
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['sleep', '86400'],
          volumeMounts: [{ name: 'reports', mountPath: reportsPath }],
        },
      ],
      volumes: [{ name: 'reports', ...claimed(claim) }],
    },
  };
}

/** Each run's reports in a folder of their own, named after its pod; parts of one run side by side, named after its seed. */
function command(request: JobRequest): string {
  const { namespace, longhornNamespace, probeImage, pullSecrets, shards, verifyFlags } = request;
  const words = [
    // No npm in between: it would keep the signal that ends the pod to itself.
    ...['exec', 'node', '--import', 'tsx', 'scripts/verify.ts', '--in-cluster', '--namespace', namespace],
    ...['--longhorn-namespace', longhornNamespace, '--probe-image', probeImage],
    ...(pullSecrets.length === 0 ? [] : ['--pull-secret', pullSecrets.join(',')]),
    ...verifyFlags,
  ].map(shellWord);
  if (shards === 1) return [...words, '--out', `${reportsPath}/$HOSTNAME`].join(' ');
  const shard = `$((JOB_COMPLETION_INDEX + 1))/${String(shards)}`;
  return [...words, '--out', `${reportsPath}/run-${seedOf(verifyFlags)}/$HOSTNAME`, '--shard', shard].join(' ');
}
