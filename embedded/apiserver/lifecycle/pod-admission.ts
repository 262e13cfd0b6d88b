/** What the admission plugins of a kube-apiserver add to pods: account, token volume, tolerations, priority. */
import { forbidden } from '../errors.ts';
import type { Admission, ClusterStore, KubeObject, Payload } from '../store.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

function tokenVolume(name: string): Payload {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  };
}

/** ServiceAccount (kubernetes:plugin/pkg/admission/serviceaccount/admission.go). */
function addAccount(store: Pick<ClusterStore, 'get'>, pod: KubeObject, nameSuffix: () => string): void {
  const { spec, metadata } = pod;
  spec.serviceAccountName ??= 'default';
  spec.serviceAccount = spec.serviceAccountName;
  const name: string = spec.serviceAccountName;
  const account = store.get({
    resource: 'serviceaccounts',
    name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  });
  if (account === undefined) {
    const why = `error looking up service account ${metadata.namespace}/${name}: serviceaccount "${name}" not found`;
    throw forbidden({ group: '', plural: 'pods' }, metadata.name, why);
  }
  if ((spec.automountServiceAccountToken ?? account['automountServiceAccountToken']) === false) return;
  const volumes: Payload[] = spec.volumes ?? [];
  const volume =
    volumes.find((one) => String(one.name).startsWith('kube-api-access-')) ??
    tokenVolume(`kube-api-access-${nameSuffix()}`);
  let used = volumes.includes(volume);
  for (const container of [
    ...((spec.initContainers as Payload[] | undefined) ?? []),
    ...((spec.containers as Payload[] | undefined) ?? []),
  ]) {
    const mounts: Payload[] = container.volumeMounts ?? [];
    if (mounts.some((mount) => mount.mountPath === mountPath)) continue;
    container.volumeMounts = [...mounts, { name: volume.name, readOnly: true, mountPath }];
    used = true;
  }
  if (used && !volumes.includes(volume)) spec.volumes = [...volumes, volume];
}

/** DefaultTolerationSeconds: a pod leaves a broken node after five minutes. */
function addTolerations(spec: Payload): void {
  const tolerations: Payload[] = [...((spec.tolerations as Payload[] | undefined) ?? [])];
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = tolerations.some(
      (one) => (one.key === key || one.key === undefined) && (one.effect === 'NoExecute' || one.effect === undefined),
    );
    if (!tolerated) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  }
  spec.tolerations = tolerations;
}

/** Priority: the class's value, else 0. */
function addPriority(store: Pick<ClusterStore, 'get'>, pod: KubeObject): void {
  const { spec } = pod;
  const name: string | undefined = spec.priorityClassName;
  const found = name === undefined ? undefined : store.get({ resource: 'priorityclasses.scheduling.k8s.io', name });
  if (name !== undefined && found === undefined) {
    throw forbidden({ group: '', plural: 'pods' }, pod.metadata.name, `no PriorityClass with name ${name} was found`);
  }
  spec.priority = (found?.['value'] as number | undefined) ?? 0;
  spec.preemptionPolicy = (found?.['preemptionPolicy'] as string | undefined) ?? 'PreemptLowerPriority';
}

export function createPodAdmission(store: Pick<ClusterStore, 'get'>, nameSuffix: () => string): Admission {
  return {
    mutate({ operation, resource, object, subresource }) {
      if (resource !== 'pods' || operation === 'DELETE' || subresource !== undefined || object.spec === undefined)
        return;
      if (operation === 'CREATE') addAccount(store, object, nameSuffix);
      addTolerations(object.spec);
      if (operation !== 'CREATE') return;
      addPriority(store, object);
      object.spec.enableServiceLinks ??= true;
    },
  };
}
