import type { NewObject } from '../../../apiserver/store.ts';
import type { CsiDriver } from '../../csi.ts';
import type { ClusterContext, Controller } from '../context.ts';
import type { PersistentVolumeClaim, StorageClass } from '../objects/storage.ts';
import { createReconcileQueue, RetryLater } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { bindCompleted, selectedNode, storageProvisioner } from './claim-binder.ts';
import { provisionerFinalizer, volumeProtection } from './finalizers.ts';
import { formatBytes, parseQuantity } from './quantity.ts';

type Created = Awaited<ReturnType<CsiDriver['createVolume']>>;

/** csi-provisioner: 1 s, doubling, at most 5 min (kubernetes-csi/external-provisioner:cmd/csi-provisioner). */
export function sidecarBackoffSeconds(failures: number): number {
  return Math.min(300, 2 ** Math.min(failures - 1, 10));
}

function volumeObject(options: {
  name: string;
  claim: PersistentVolumeClaim;
  storageClass: StorageClass;
  created: Created;
  identity: string;
}): NewObject {
  const { name, claim, storageClass, created, identity } = options;
  const { namespace, uid, resourceVersion } = claim.metadata;
  const driver = storageClass.provisioner;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: {
        'pv.kubernetes.io/provisioned-by': driver,
        'volume.kubernetes.io/provisioner-deletion-secret-name': '',
        'volume.kubernetes.io/provisioner-deletion-secret-namespace': '',
      },
      finalizers: [provisionerFinalizer, volumeProtection],
    },
    spec: {
      accessModes: claim.spec.accessModes ?? [],
      capacity: { storage: formatBytes(created.capacityBytes) },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name: claim.metadata.name,
        namespace,
        resourceVersion,
        uid,
      },
      csi: {
        driver,
        ...(claim.spec.volumeMode === 'Block' ? {} : { fsType: 'ext4' }),
        volumeAttributes: { ...created.context, 'storage.kubernetes.io/csiProvisionerIdentity': identity },
        volumeHandle: created.volumeHandle,
      },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
    },
  };
}

/** What the csi-provisioner sidecar does for claims: CreateVolume, then a PersistentVolume reserved for the claim. */
export function startProvisioner(context: ClusterContext): Controller {
  const { resources, events, clock, signal, csi, identifiers } = context;
  const { claims, volumes, storageClasses } = resources;
  const backoffSeconds = sidecarBackoffSeconds;
  const queue = createReconcileQueue({ name: 'csi-provisioner', clock, signal, reconcile, backoffSeconds });
  const identities = new Map<string, string>();

  /** `<start in ms>-<random>-<driver>`, once per run of the sidecar. */
  function identityOf(driver: string): string {
    const known = identities.get(driver) ?? `${Date.now()}-${parseInt(identifiers.hex(4), 16) % 10_000}-${driver}`;
    identities.set(driver, known);
    return known;
  }

  function report(claim: PersistentVolumeClaim, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const driver = claim.metadata.annotations?.[storageProvisioner] ?? '';
    events.record({ object: claim, type, reason, message, component: `${driver}_csi-provisioner-embedded` });
  }

  function wanted(claim: PersistentVolumeClaim | undefined): claim is PersistentVolumeClaim {
    return (
      claim !== undefined &&
      claim.metadata.deletionTimestamp === undefined &&
      claim.spec.volumeName === undefined &&
      claim.metadata.annotations?.[bindCompleted] === undefined &&
      csi.get(claim.metadata.annotations?.[storageProvisioner] ?? '') !== undefined
    );
  }

  /** The volume that the claim wants cloned; it must be bound before the driver is asked. */
  function sourceVolumeOf({ metadata, spec }: PersistentVolumeClaim): { sourceVolume?: string } {
    if (spec.dataSource?.kind !== 'PersistentVolumeClaim') return {};
    const source = claims.get(spec.dataSource.name, metadata.namespace);
    const handle = volumes.get(source?.spec.volumeName ?? '')?.spec.csi?.volumeHandle;
    if (handle === undefined)
      throw new Error(
        `error getting handle for DataSource Type PersistentVolumeClaim by Name ${spec.dataSource.name}: the PVC is not bound`,
      );
    return { sourceVolume: handle };
  }

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const claim = claims.get(name, namespace);
    if (!wanted(claim)) {
      return;
    }
    const storageClass = storageClasses.get(claim.spec.storageClassName ?? '');
    const driver = csi.get(storageClass?.provisioner ?? '');
    const volumeName = `pvc-${claim.metadata.uid}`;
    if (storageClass === undefined || driver === undefined || volumes.get(volumeName) !== undefined) {
      return;
    }
    if (
      storageClass.volumeBindingMode === 'WaitForFirstConsumer' &&
      claim.metadata.annotations?.[selectedNode] === undefined
    ) {
      return;
    }
    report(claim, 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim "${key}"`);
    try {
      const created = await driver.createVolume({
        name: volumeName,
        capacityBytes: parseQuantity(claim.spec.resources?.requests?.storage),
        parameters: storageClass.parameters ?? {},
        volumeMode: claim.spec.volumeMode ?? 'Filesystem',
        accessModes: claim.spec.accessModes ?? [],
        ...sourceVolumeOf(claim),
      });
      if (signal.aborted) {
        return;
      }
      volumes.create(
        volumeObject({ name: volumeName, claim, storageClass, created, identity: identityOf(driver.name) }),
      );
    } catch (error) {
      const reason = (error as Error).message;
      const message = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${reason}`;
      report(claim, 'Warning', 'ProvisioningFailed', message);
      throw new RetryLater(message, { cause: error });
    }
    report(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volumeName}`);
  }

  const consider = (claim: PersistentVolumeClaim): void => {
    if (wanted(claim)) {
      queue.add(keyOf(claim));
    }
  };
  claims.watch(({ object }) => consider(object));
  csi.onRegister(() => claims.list().forEach(consider));
  claims.list().forEach(consider);
  return { idle: () => queue.idle() };
}
