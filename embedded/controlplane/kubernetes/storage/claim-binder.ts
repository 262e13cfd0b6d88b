import type { ClusterContext, Controller } from '../context.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../objects/storage.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { addFinalizer, claimProtection, volumeProtection } from './finalizers.ts';
import { findVolume, isClaimedBy } from './volume-match.ts';

const component = 'persistentvolume-controller';
export const bindCompleted = 'pv.kubernetes.io/bind-completed';
const boundByController = 'pv.kubernetes.io/bound-by-controller';
export const selectedNode = 'volume.kubernetes.io/selected-node';
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner';
const betaStorageProvisioner = 'volume.beta.kubernetes.io/storage-provisioner';
const isDefaultClass = 'storageclass.kubernetes.io/is-default-class';

/** Binds claims to volumes, or asks the class's provisioner for one (kubernetes:pkg/controller/volume/persistentvolume). */
export function startClaimBinder(context: ClusterContext): Controller {
  const { resources, events, clock, signal } = context;
  const { claims, volumes, storageClasses } = resources;
  const queue = createReconcileQueue({ name: component, clock, signal, reconcile });

  function report(claim: PersistentVolumeClaim, type: 'Normal' | 'Warning', reason: string, message: string): void {
    events.record({ object: claim, type, reason, message, component });
  }

  function setPhase(claim: PersistentVolumeClaim, phase: 'Pending' | 'Lost'): void {
    claims.editStatus(claim, (draft) => {
      draft.status = { ...draft.status, phase };
    });
  }

  function bind(claim: PersistentVolumeClaim, volume: PersistentVolume): void {
    const { namespace = '', name, uid, resourceVersion } = claim.metadata;
    const reserved = volume.spec.claimRef !== undefined;
    const bound = volumes.edit(volume, (draft) => {
      draft.spec.claimRef = {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace,
        name,
        uid,
        resourceVersion: volume.spec.claimRef?.resourceVersion ?? resourceVersion,
      };
      if (!reserved) {
        draft.metadata.annotations = { ...draft.metadata.annotations, [boundByController]: 'yes' };
      }
      addFinalizer(draft, volumeProtection);
    });
    if (bound === undefined) {
      return;
    }
    volumes.editStatus(bound, (draft) => {
      if (draft.status?.phase !== 'Bound') {
        draft.status = { phase: 'Bound', lastPhaseTransitionTime: clock.timestamp() };
      }
    });
    const chosenHere = claim.spec.volumeName === undefined;
    claims.edit(claim, (draft) => {
      draft.spec.volumeName = volume.metadata.name;
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        [bindCompleted]: 'yes',
        ...(chosenHere ? { [boundByController]: 'yes' } : {}),
      };
    });
    claims.editStatus(claim, (draft) => {
      draft.status = {
        ...draft.status,
        phase: 'Bound',
        accessModes: bound.spec.accessModes ?? [],
        capacity: { storage: bound.spec.capacity?.storage ?? '0' },
      };
    });
  }

  function requestProvisioning(claim: PersistentVolumeClaim, storageClass: StorageClass): void {
    const { provisioner } = storageClass;
    claims.edit(claim, (draft) => {
      const wanted = { [betaStorageProvisioner]: provisioner, [storageProvisioner]: provisioner };
      draft.metadata.annotations = { ...draft.metadata.annotations, ...wanted };
    });
    const message =
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system ` +
      'administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
    report(claim, 'Normal', 'ExternalProvisioning', message);
  }

  function seekVolume(claim: PersistentVolumeClaim): void {
    const className = claim.spec.storageClassName ?? '';
    const storageClass = storageClasses.get(className);
    if (className === '') {
      report(
        claim,
        'Normal',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      );
    } else if (storageClass === undefined) {
      report(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${className}" not found`);
    } else if (
      storageClass.volumeBindingMode === 'WaitForFirstConsumer' &&
      claim.metadata.annotations?.[selectedNode] === undefined
    ) {
      report(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
    } else if (storageClass.provisioner !== 'kubernetes.io/no-provisioner') {
      requestProvisioning(claim, storageClass);
    }
  }

  /** A claim without a class gets the default one, as the API server's admission does. */
  function withDefaults(claim: PersistentVolumeClaim): PersistentVolumeClaim {
    const defaultClass = storageClasses
      .list()
      .find(({ metadata }) => metadata.annotations?.[isDefaultClass] === 'true');
    return (
      claims.edit(claim, (draft) => {
        addFinalizer(draft, claimProtection);
        if (
          draft.spec.storageClassName === undefined &&
          draft.spec.volumeName === undefined &&
          defaultClass !== undefined
        ) {
          draft.spec.storageClassName = defaultClass.metadata.name;
        }
      }) ?? claim
    );
  }

  function reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const found = claims.get(name, namespace);
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) {
      return;
    }
    const claim = withDefaults(found);
    const named = claim.spec.volumeName === undefined ? undefined : volumes.get(claim.spec.volumeName);
    if (claim.metadata.annotations?.[bindCompleted] !== undefined) {
      if (named === undefined || !isClaimedBy(named, claim)) {
        if (claim.status?.phase !== 'Lost') {
          report(
            claim,
            'Warning',
            'ClaimLost',
            'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
          );
        }
        setPhase(claim, 'Lost');
      } else if (claim.status?.phase !== 'Bound') {
        bind(claim, named);
      }
      return;
    }
    if (claim.status?.phase === undefined) {
      setPhase(claim, 'Pending');
    }
    const volume = claim.spec.volumeName === undefined ? findVolume(volumes.list(), claim) : named;
    if (volume === undefined) {
      if (claim.spec.volumeName === undefined) {
        seekVolume(claim);
      }
    } else if (volume.spec.claimRef === undefined || isClaimedBy(volume, claim)) {
      bind(claim, volume);
    }
  }

  const addAll = (): void => {
    for (const claim of claims.list()) {
      if (claim.status?.phase !== 'Bound') {
        queue.add(keyOf(claim));
      }
    }
  };
  claims.watch(({ object }) => queue.add(keyOf(object)));
  storageClasses.watch(addAll);
  volumes.watch(({ object }) => {
    const reference = object.spec.claimRef;
    if (reference === undefined) {
      addAll();
    } else {
      queue.add(`${reference.namespace}/${reference.name}`);
    }
  });
  addAll();
  return { idle: () => queue.idle() };
}
