/** The objects of a run inside the cluster. */
import { stringify } from 'yaml';
import { shellWord } from '../../helpers/kubernetes/reach.ts';
import { accountDirectory, accountDirectoryVariable } from '../../helpers/kubernetes/service-account.ts';
import type { JobRequest } from './request.ts';
import { occasionsOf, rulesFor, type PolicyRule } from './rbac.ts';

const name = 'v2-verifier';
const labels = { 'app.kubernetes.io/name': 'longhorn-v2-verifier' };
const reportsPath = '/reports';
const subjectKinds = { user: 'User', group: 'Group' } as const;

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels: Record<string, string> };
  readonly [field: string]: unknown;
}

/** In the order in which they can be applied. Without a Job where the access is somebody else's. */
export function jobObjects(request: JobRequest): KubernetesObject[] {
  const { namespace, longhornNamespace, accessFor } = request;
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
  const indexed = shards === 1 ? {} : { completionMode: 'Indexed', completions: shards, parallelism: shards };
  const reports = reportClaim === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: reportClaim } };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'verify', namespace, labels },
    spec: {
      ...indexed,
      // A second try would hide what the first one found.
      backoffLimit: 0,
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

/** Each run's reports in a folder of their own, named after its pod. */
function command(request: JobRequest): string {
  const { namespace, longhornNamespace, probeImage, pullSecrets, shards, verifyFlags } = request;
  const words = [
    // No npm in between: it would keep the signal that ends the pod to itself.
    ...['exec', 'node', '--import', 'tsx', 'scripts/verify.ts', '--in-cluster', '--namespace', namespace],
    ...['--longhorn-namespace', longhornNamespace, '--probe-image', probeImage],
    ...(pullSecrets.length === 0 ? [] : ['--pull-secret', pullSecrets.join(',')]),
    ...verifyFlags,
  ].map(shellWord);
  const shard = shards === 1 ? [] : ['--shard', `$((JOB_COMPLETION_INDEX + 1))/${String(shards)}`];
  return [...words, '--out', `${reportsPath}/$HOSTNAME`, ...shard].join(' ');
}
