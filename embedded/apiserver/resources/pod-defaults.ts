import type { Payload } from '../store.ts';

/** Sets each field of `defaults` that `target` lacks. */
export function fill(target: Payload, defaults: Readonly<Record<string, Payload>>): void {
  for (const [field, value] of Object.entries(defaults)) {
    if (target[field] === undefined) target[field] = structuredClone(value);
  }
}

function defaultContainer(container: Payload): void {
  const image: string = container.image ?? '';
  const tag = /:([^/:@]+)$/.exec(image)?.[1];
  const floating = !image.includes('@') && (tag === undefined || tag === 'latest');
  fill(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: floating ? 'Always' : 'IfNotPresent',
  });
  for (const port of container.ports ?? []) fill(port, { protocol: 'TCP' });
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe === undefined) continue;
    fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
    if (probe.httpGet !== undefined) fill(probe.httpGet, { path: '/', scheme: 'HTTP' });
  }
  for (const variable of container.env ?? []) {
    if (variable.valueFrom?.fieldRef !== undefined) fill(variable.valueFrom.fieldRef, { apiVersion: 'v1' });
  }
}

function defaultVolume(volume: Payload): void {
  if (Object.keys(volume as object).every((field) => field === 'name')) volume.emptyDir = {};
  for (const source of [volume.secret, volume.configMap, volume.projected, volume.downwardAPI]) {
    if (source !== undefined) fill(source, { defaultMode: 420 });
  }
  if (volume.hostPath !== undefined) fill(volume.hostPath, { type: '' });
}

/** Defaults of a pod's spec (kubernetes:pkg/apis/core/v1/defaults.go@v1.36), in place. */
export function defaultPodSpec(spec: Payload): void {
  fill(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  if (spec.serviceAccountName !== undefined) fill(spec, { serviceAccount: spec.serviceAccountName });
}

export function defaultPodTemplate(template: Payload): void {
  template.metadata ??= {};
  template.spec ??= {};
  defaultPodSpec(template.spec);
}
