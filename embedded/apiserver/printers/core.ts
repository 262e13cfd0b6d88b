import type { KubeObject, Payload } from '../store.ts';
import { ageOf } from './age.ts';
import { ageColumn, column, labelsText, listText, nameColumn } from './column.ts';
import type { Column } from './column.ts';

const size = (value: unknown): number => Object.keys(value ?? {}).length;

function nodeStatus(node: KubeObject): string {
  const conditions: Payload[] = node.status?.conditions ?? [];
  const ready = conditions.find((condition) => condition.type === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (node.spec?.unschedulable === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles(node: KubeObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(prefix));
  return listText(roles.map((label) => label.slice(prefix.length)).sort());
}

const nodeAddress =
  (type: string) =>
  (node: KubeObject): string =>
    ((node.status?.addresses as Payload[] | undefined) ?? []).find((address) => address.type === type)?.address ??
    '<none>';

const modes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
const accessModes = (list: readonly string[] | undefined): string =>
  (list ?? []).map((mode) => modes[mode] ?? mode).join(',');

function servicePorts(service: KubeObject): string {
  const ports: Payload[] = service.spec?.ports ?? [];
  return listText(
    ports.map((port) => `${port.port}${port.nodePort === undefined ? '' : `:${port.nodePort}`}/${port.protocol}`),
  );
}

function externalIp(service: KubeObject): string {
  const { spec = {} } = service;
  if (spec.type === 'ExternalName') return spec.externalName as string;
  if (spec.type === 'LoadBalancer') return '<pending>';
  return listText(spec.externalIPs as string[] | undefined);
}

function phase(object: KubeObject): string {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return (object.status?.phase as string | undefined) ?? '';
}

function eventObject(event: KubeObject): string {
  const { kind = '', name = '' } = (event['involvedObject'] ?? {}) as { kind?: string; name?: string };
  return `${kind.toLowerCase()}/${name}`;
}

function lastSeen(event: KubeObject): string {
  const time = (event['series']?.lastObservedTime ?? event['lastTimestamp'] ?? event['eventTime']) as
    string | undefined;
  return ageOf(time);
}

export const coreColumns: Readonly<Record<string, readonly Column[]>> = {
  configmaps: [
    nameColumn,
    column('Data', (map) => size(map['data']) + size(map['binaryData']), { field: 'data' }),
    ageColumn,
  ],
  secrets: [
    nameColumn,
    column('Type', (secret) => (secret['type'] as string | undefined) ?? 'Opaque', { field: 'type' }),
    column('Data', (secret) => size(secret['data']), { field: 'data' }),
    ageColumn,
  ],
  serviceaccounts: [
    nameColumn,
    column('Secrets', (account) => ((account['secrets'] as unknown[] | undefined) ?? []).length, { field: 'secrets' }),
    ageColumn,
  ],
  namespaces: [nameColumn, column('Status', phase, { text: 'The status of the namespace' }), ageColumn],
  nodes: [
    nameColumn,
    column('Status', nodeStatus, { text: 'The status of the node' }),
    column('Roles', nodeRoles, { text: 'The roles of the node' }),
    ageColumn,
    column('Version', (node) => (node.status?.nodeInfo?.kubeletVersion as string | undefined) ?? '', {
      text: 'Kubelet Version reported by the node.',
    }),
    column('Internal-IP', nodeAddress('InternalIP'), { wide: true, field: 'status.addresses' }),
    column('External-IP', nodeAddress('ExternalIP'), { wide: true, field: 'status.addresses' }),
    column('OS-Image', (node) => (node.status?.nodeInfo?.osImage as string | undefined) ?? '<unknown>', {
      wide: true,
      text: 'OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).',
    }),
    column('Kernel-Version', (node) => (node.status?.nodeInfo?.kernelVersion as string | undefined) ?? '<unknown>', {
      wide: true,
      text: "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).",
    }),
    column(
      'Container-Runtime',
      (node) => (node.status?.nodeInfo?.containerRuntimeVersion as string | undefined) ?? '<unknown>',
      {
        wide: true,
        text: 'ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).',
      },
    ),
  ],
  services: [
    nameColumn,
    column('Type', (service) => service.spec?.type as string, { field: 'spec.type' }),
    column('Cluster-IP', (service) => (service.spec?.clusterIP as string | undefined) ?? '<none>', {
      field: 'spec.clusterIP',
    }),
    column('External-IP', externalIp, { field: 'spec.externalIPs' }),
    column('Port(s)', servicePorts, { field: 'spec.ports' }),
    ageColumn,
    column('Selector', (service) => labelsText(service.spec?.selector as Record<string, string> | undefined), {
      wide: true,
      field: 'spec.selector',
    }),
  ],
  endpoints: [
    nameColumn,
    column(
      'Endpoints',
      (endpoints) => {
        const subsets: Payload[] = endpoints['subsets'] ?? [];
        return listText(
          subsets.flatMap((subset) =>
            ((subset.addresses as Payload[] | undefined) ?? []).flatMap((address) =>
              ((subset.ports as Payload[] | undefined) ?? []).map((port) => `${address.ip}:${port.port}`),
            ),
          ),
        );
      },
      { field: 'subsets' },
    ),
    ageColumn,
  ],
  persistentvolumes: [
    nameColumn,
    column('Capacity', (volume) => (volume.spec?.capacity?.storage as string | undefined) ?? '', {
      field: 'spec.capacity',
    }),
    column('Access Modes', (volume) => accessModes(volume.spec?.accessModes as string[] | undefined), {
      field: 'spec.accessModes',
    }),
    column('Reclaim Policy', (volume) => volume.spec?.persistentVolumeReclaimPolicy as string, {
      field: 'spec.persistentVolumeReclaimPolicy',
    }),
    column('Status', phase, { field: 'status' }),
    column(
      'Claim',
      (volume) =>
        volume.spec?.claimRef === undefined ? '' : `${volume.spec.claimRef.namespace}/${volume.spec.claimRef.name}`,
      { field: 'spec.claimRef' },
    ),
    column('StorageClass', (volume) => (volume.spec?.storageClassName as string | undefined) ?? '', {
      field: 'spec.storageClassName',
    }),
    column(
      'VolumeAttributesClass',
      (volume) => (volume.spec?.volumeAttributesClassName as string | undefined) ?? '<unset>',
      { field: 'spec.volumeAttributesClassName' },
    ),
    column('Reason', (volume) => (volume.status?.reason as string | undefined) ?? '', { field: 'status.reason' }),
    ageColumn,
    column('VolumeMode', (volume) => (volume.spec?.volumeMode as string | undefined) ?? '<unset>', {
      wide: true,
      field: 'spec.volumeMode',
    }),
  ],
  persistentvolumeclaims: [
    nameColumn,
    column('Status', phase, { field: 'status' }),
    column('Volume', (claim) => (claim.spec?.volumeName as string | undefined) ?? '', { field: 'spec.volumeName' }),
    column(
      'Capacity',
      (claim) =>
        claim.spec?.volumeName === undefined ? '' : ((claim.status?.capacity?.storage as string | undefined) ?? ''),
      { field: 'status.capacity' },
    ),
    column(
      'Access Modes',
      (claim) =>
        claim.spec?.volumeName === undefined ? '' : accessModes(claim.status?.accessModes as string[] | undefined),
      { field: 'status.accessModes' },
    ),
    column('StorageClass', (claim) => (claim.spec?.storageClassName as string | undefined) ?? '', {
      field: 'spec.storageClassName',
    }),
    column(
      'VolumeAttributesClass',
      (claim) => (claim.spec?.volumeAttributesClassName as string | undefined) ?? '<unset>',
      { field: 'spec.volumeAttributesClassName' },
    ),
    ageColumn,
    column('VolumeMode', (claim) => (claim.spec?.volumeMode as string | undefined) ?? '<unset>', {
      wide: true,
      field: 'spec.volumeMode',
    }),
  ],
  events: [
    column('Last Seen', lastSeen, { field: 'lastTimestamp' }),
    column('Type', (event) => (event['type'] as string | undefined) ?? '', { field: 'type' }),
    column('Reason', (event) => (event['reason'] as string | undefined) ?? '', { field: 'reason' }),
    column('Object', eventObject, { field: 'involvedObject' }),
    column('Subobject', (event) => (event['involvedObject']?.fieldPath as string | undefined) ?? '', {
      wide: true,
      field: 'involvedObject.fieldPath',
    }),
    column(
      'Source',
      (event) => [event['source']?.component, event['source']?.host].filter((part) => part !== undefined).join(', '),
      { wide: true, field: 'source' },
    ),
    column('Message', (event) => ((event['message'] as string | undefined) ?? '').trim(), { field: 'message' }),
    column('First Seen', (event) => ageOf((event['firstTimestamp'] ?? event['eventTime']) as string | undefined), {
      wide: true,
      field: 'firstTimestamp',
    }),
    column('Count', (event) => (event['series']?.count ?? event['count'] ?? 1) as number, {
      wide: true,
      field: 'count',
    }),
    { ...nameColumn, priority: 1 },
  ],
};
