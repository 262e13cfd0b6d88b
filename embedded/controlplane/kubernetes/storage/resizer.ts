import type { ClusterContext, Controller } from '../context.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../objects/storage.ts';
import { createReconcileQueue, RetryLater } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { sidecarBackoffSeconds } from './provisioner.ts';
import { formatBytes, parseQuantity } from './quantity.ts';
import { isClaimedBy } from './volume-match.ts';

/**
 * What the csi-resizer sidecar does for a bound claim that asks for more than its volume has: ControllerExpandVolume, then
 * the volume's capacity, then the claim's. A block volume needs nothing more on its node.
 * Source: kubernetes-csi/external-resizer:pkg/controller/controller.go@v1.13.
 */
export function startResizer(context: ClusterContext): Controller {
  const { resources, events, clock, signal, csi } = context;
  const { claims, volumes } = resources;
  const queue = createReconcileQueue({
    name: 'csi-resizer',
    clock,
    signal,
    reconcile,
    backoffSeconds: sidecarBackoffSeconds,
  });

  function report(
    claim: PersistentVolumeClaim,
    volume: PersistentVolume,
    [type, reason, message]: ['Normal' | 'Warning', string, string],
  ): void {
    const component = `external-resizer ${volume.spec.csi?.driver ?? ''}`;
    events.record({ object: claim, type, reason, message, component });
  }

  function boundVolume(claim: PersistentVolumeClaim | undefined): PersistentVolume | undefined {
    if (claim?.status?.phase !== 'Bound' || claim.metadata.deletionTimestamp !== undefined) return undefined;
    const volume = volumes.get(claim.spec.volumeName ?? '');
    return volume !== undefined && isClaimedBy(volume, claim) ? volume : undefined;
  }

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const claim = claims.get(name, namespace);
    const volume = boundVolume(claim);
    const driver = csi.get(volume?.spec.csi?.driver ?? '');
    if (claim === undefined || volume?.spec.csi === undefined || driver === undefined || !wantsMore(claim, volume))
      return;
    claims.editStatus(claim, (draft) => {
      const resizing = { type: 'Resizing', status: 'True', lastProbeTime: null, lastTransitionTime: clock.timestamp() };
      draft.status = { ...draft.status, conditions: [...otherConditions(draft), resizing] };
    });
    report(claim, volume, ['Normal', 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`]);
    let capacity: string;
    try {
      const requested = parseQuantity(claim.spec.resources?.requests?.storage);
      capacity = formatBytes((await driver.expandVolume(volume.spec.csi.volumeHandle, requested)).capacityBytes);
    } catch (error) {
      const message = `resize volume "${volume.metadata.name}" by resizer "${driver.name}" failed: ${(error as Error).message}`;
      if (!signal.aborted) report(claim, volume, ['Warning', 'VolumeResizeFailed', message]);
      throw new RetryLater(message, { cause: error });
    }
    if (signal.aborted) return;
    volumes.edit(volume, (draft) => {
      draft.spec.capacity = { ...draft.spec.capacity, storage: capacity };
    });
    claims.editStatus(claim, (draft) => {
      const { conditions: _before, ...status } = draft.status ?? {};
      const conditions = otherConditions(draft);
      const capacities = { ...status.capacity, storage: capacity };
      draft.status = { ...status, capacity: capacities, ...(conditions.length === 0 ? {} : { conditions }) };
    });
    report(claim, volume, ['Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded']);
  }

  const consider = (claim: PersistentVolumeClaim): void => {
    const volume = boundVolume(claim);
    if (volume !== undefined && wantsMore(claim, volume)) queue.add(keyOf(claim));
  };
  // What is written here of a claim must not bring it back before the back-off is over.
  claims.watch(({ object, previous }) => {
    if (previous === undefined || isAboutSize(object, previous)) consider(object);
  });
  csi.onRegister(() => claims.list().forEach(consider));
  claims.list().forEach(consider);
  return { idle: () => queue.idle() };
}

/** Source: kubernetes-csi/external-resizer:pkg/controller/controller.go updatePVC@v1.13. */
function isAboutSize(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim): boolean {
  const requested = ({ spec }: PersistentVolumeClaim): number => parseQuantity(spec.resources?.requests?.storage);
  return requested(claim) > requested(previous) || claim.status?.phase !== previous.status?.phase;
}

type ClaimConditions = NonNullable<NonNullable<PersistentVolumeClaim['status']>['conditions']>;

/** What is said of the claim beside that it is being resized. */
function otherConditions({ status }: PersistentVolumeClaim): ClaimConditions {
  return (status?.conditions ?? []).filter(({ type }) => type !== 'Resizing');
}

/** A driver gives what it rounds up to, so the volume may have more than was asked for. */
function wantsMore({ spec }: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return parseQuantity(spec.resources?.requests?.storage) > parseQuantity(volume.spec.capacity?.storage);
}
