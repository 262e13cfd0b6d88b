/** The objects of a run inside the cluster. */
import { stringify } from 'yaml';
import { accountDirectory, accountDirectoryVariable } from '../../helpers/kubernetes/service-account.ts';
import type { JobRequest } from './request.ts';
import { rulesFor, type PolicyRule } from './rbac.ts';

const name = 'v2-verifier';
const labels = { 'app.kubernetes.io/name': 'longhorn-v2-verifier' };
const reportsPath = '/reports';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels: Record<string, string> };
  readonly [field: string]: unknown;
}

/** In the order in which they can be applied. */
export function jobObjects(request: JobRequest): KubernetesObject[] {
  const { namespace, longhornNamespace } = request;
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } },
    ...grant('Role', rulesFor('run namespace'), request, namespace),
    ...grant('Role', rulesFor('longhorn namespace'), request, longhornNamespace),
    ...grant('ClusterRole', rulesFor('cluster'), request),
    job(request),
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
  const metadata = { name, ...(place === undefined ? {} : { namespace: place }), labels };
  const subjects = [{ kind: 'ServiceAccount', name, namespace: request.namespace }];
  return [
    { apiVersion, kind, metadata, rules },
    { apiVersion, kind: `${kind}Binding`, metadata, subjects, roleRef: { apiGroup, kind, name } },
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
  ].map(quoted);
  const shard = shards === 1 ? [] : ['--shard', `$((JOB_COMPLETION_INDEX + 1))/${String(shards)}`];
  return [...words, '--out', `${reportsPath}/$HOSTNAME`, ...shard].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
