import type { KubeObject, Payload } from '../store.ts';
import { ageColumn, column, listText, nameColumn } from './column.ts';
import type { Column } from './column.ts';

const createdAt = column('Created At', (object) => object.metadata.creationTimestamp, {
  type: 'date',
  field: 'metadata.creationTimestamp',
});
const yesNo = (value: unknown): string => String(value === true);

const defaultClass = 'storageclass.kubernetes.io/is-default-class';
const className = (object: KubeObject): string =>
  object.metadata.name + (object.metadata.annotations?.[defaultClass] === 'true' ? ' (default)' : '');

const role = (object: KubeObject): string => {
  const { kind = '', name = '' } = (object['roleRef'] ?? {}) as { kind?: string; name?: string };
  return `${kind}/${name}`;
};

const healthy =
  (field: 'status' | 'message' | 'error') =>
  (object: KubeObject): string => {
    const condition = ((object['conditions'] ?? []) as Payload[]).find((one) => one.type === 'Healthy');
    if (field !== 'status') return (condition?.[field] as string | undefined) ?? '';
    if (condition === undefined) return 'Unknown';
    return condition.status === 'True' ? 'Healthy' : 'Unhealthy';
  };

const available = (object: KubeObject): string => {
  const condition = ((object.status?.conditions ?? []) as Payload[]).find((one) => one.type === 'Available');
  if (condition === undefined) return 'Unknown';
  return condition.status === 'True' ? 'True' : `False (${condition.reason as string})`;
};

/** Columns of the remaining kinds that people look at. */
export const otherColumns: Readonly<Record<string, readonly Column[]>> = {
  componentstatuses: [
    nameColumn,
    column('Status', healthy('status'), { text: 'Status of the component conditions' }),
    column('Message', healthy('message'), { text: 'Message of the component conditions' }),
    column('Error', healthy('error'), { text: 'Error of the component conditions' }),
  ],
  'apiservices.apiregistration.k8s.io': [
    nameColumn,
    column(
      'Service',
      (object) =>
        object.spec?.service === undefined
          ? 'Local'
          : `${object.spec.service.namespace as string}/${object.spec.service.name as string}`,
      {
        text: 'The reference to the service that hosts this API endpoint.',
      },
    ),
    column('Available', available, { text: 'Whether this service is available.' }),
    ageColumn,
  ],
  'storageclasses.storage.k8s.io': [
    { ...nameColumn, cell: className },
    column('Provisioner', (object) => object['provisioner'] as string, { field: 'provisioner' }),
    column('ReclaimPolicy', (object) => object['reclaimPolicy'] as string, { field: 'reclaimPolicy' }),
    column('VolumeBindingMode', (object) => object['volumeBindingMode'] as string, { field: 'volumeBindingMode' }),
    column('AllowVolumeExpansion', (object) => object['allowVolumeExpansion'] === true, {
      type: 'string',
      field: 'allowVolumeExpansion',
    }),
    ageColumn,
  ],
  'csidrivers.storage.k8s.io': [
    nameColumn,
    column('AttachRequired', (object) => object.spec?.attachRequired !== false, {
      type: 'boolean',
      field: 'spec.attachRequired',
    }),
    column('PodInfoOnMount', (object) => object.spec?.podInfoOnMount === true, {
      type: 'boolean',
      field: 'spec.podInfoOnMount',
    }),
    column('StorageCapacity', (object) => object.spec?.storageCapacity === true, {
      type: 'boolean',
      field: 'spec.storageCapacity',
    }),
    column('TokenRequests', () => '<unset>', { field: 'spec.tokenRequests' }),
    column('RequiresRepublish', (object) => object.spec?.requiresRepublish === true, {
      type: 'boolean',
      field: 'spec.requiresRepublish',
    }),
    column('Modes', (object) => listText(object.spec?.volumeLifecycleModes as string[] | undefined, '<none>'), {
      field: 'spec.volumeLifecycleModes',
    }),
    ageColumn,
  ],
  'csinodes.storage.k8s.io': [
    nameColumn,
    column('Drivers', (object) => ((object.spec?.drivers as unknown[] | undefined) ?? []).length, {
      type: 'integer',
      field: 'spec.drivers',
    }),
    ageColumn,
  ],
  'volumeattachments.storage.k8s.io': [
    nameColumn,
    column('Attacher', (object) => object.spec?.attacher as string, { field: 'spec.attacher' }),
    column('PV', (object) => (object.spec?.source?.persistentVolumeName as string | undefined) ?? '', {
      field: 'spec.source',
    }),
    column('Node', (object) => object.spec?.nodeName as string, { field: 'spec.nodeName' }),
    column('Attached', (object) => object.status?.attached === true, { type: 'boolean', field: 'status.attached' }),
    ageColumn,
  ],
  'leases.coordination.k8s.io': [
    nameColumn,
    column('Holder', (object) => (object.spec?.holderIdentity as string | undefined) ?? '', {
      field: 'spec.holderIdentity',
    }),
    ageColumn,
  ],
  'endpointslices.discovery.k8s.io': [
    nameColumn,
    column('AddressType', (object) => object['addressType'] as string, { field: 'addressType' }),
    column(
      'Ports',
      (object) =>
        listText(
          ((object['ports'] as Payload[] | undefined) ?? []).map((port) => String(port.port)),
          '<unset>',
        ),
      { field: 'ports' },
    ),
    column(
      'Endpoints',
      (object) =>
        listText(
          ((object['endpoints'] as Payload[] | undefined) ?? []).flatMap((endpoint) => endpoint.addresses as string[]),
          '<unset>',
        ),
      { field: 'endpoints' },
    ),
    ageColumn,
  ],
  'customresourcedefinitions.apiextensions.k8s.io': [nameColumn, createdAt],
  'roles.rbac.authorization.k8s.io': [nameColumn, createdAt],
  'clusterroles.rbac.authorization.k8s.io': [nameColumn, createdAt],
  'rolebindings.rbac.authorization.k8s.io': [nameColumn, column('Role', role, { field: 'roleRef' }), ageColumn],
  'clusterrolebindings.rbac.authorization.k8s.io': [nameColumn, column('Role', role, { field: 'roleRef' }), ageColumn],
  'priorityclasses.scheduling.k8s.io': [
    nameColumn,
    column('Value', (object) => object['value'] as number, { type: 'integer', field: 'value' }),
    column('Global-Default', (object) => yesNo(object['globalDefault']), { type: 'boolean', field: 'globalDefault' }),
    ageColumn,
    column('PreemptionPolicy', (object) => object['preemptionPolicy'] as string, { field: 'preemptionPolicy' }),
  ],
  'poddisruptionbudgets.policy': [
    nameColumn,
    column('Min Available', (object) => String((object.spec?.minAvailable as string | number | undefined) ?? 'N/A'), {
      field: 'spec.minAvailable',
    }),
    column(
      'Max Unavailable',
      (object) => String((object.spec?.maxUnavailable as string | number | undefined) ?? 'N/A'),
      { field: 'spec.maxUnavailable' },
    ),
    column('Allowed Disruptions', (object) => (object.status?.disruptionsAllowed as number | undefined) ?? 0, {
      type: 'integer',
      field: 'status.disruptionsAllowed',
    }),
    ageColumn,
  ],
};

/** A kind without a printer of its own. */
export const plainColumns: readonly Column[] = [nameColumn, createdAt];
