/** Every fault and control there is: one file each, listed here. */
import type { Fault } from '../fault.ts';
import { parentDropped } from './fm01-parent-dropped.ts';
import { parentOfSourceDisk } from './fm02-parent-of-source-disk.ts';
import { parentIsGrandparent } from './fm03-parent-is-grandparent.ts';
import { otherImageAsParent } from './fm04-other-image-as-parent.ts';
import { imageCopyDiffers } from './fm05-image-copy-differs.ts';
import { neighbourDeletesSharedParent } from './fm06-neighbour-deletes-the-shared-parent.ts';
import { finishSkipped } from './fm07-finish-skipped.ts';
import { finishOntoOlderSnapshot } from './fm08-finish-onto-older-snapshot.ts';
import { branchFlattened } from './fm09-branch-flattened.ts';
import { snapshotNamesSwapped } from './fm10-snapshot-names-swapped.ts';
import { clusterSkipped } from './fm11-cluster-skipped.ts';
import { copyCut } from './fm12-copy-cut.ts';
import { deepCopy } from './fm15-deep-copy.ts';
import { granularityMismatch } from './fm16-granularity-mismatch.ts';
import { zerosNotWritten } from './fm17-zeros-not-written.ts';
import { uninitialisedCluster } from './fm18-uninitialised-cluster.ts';
import { copyLandsInAnotherReplica } from './fm20-copy-lands-in-another-replica.ts';
import { staleChecksumTrusted } from './fm21-stale-checksum-trusted.ts';
import { positionBlindDigest } from './fm22-position-blind-digest.ts';
import { digestSaysNothing } from './fm23-digest-says-nothing-on-both-sides.ts';
import { gapInDirtyLog } from './fm25-gap-in-the-dirty-log.ts';
import { bitmapEdge } from './fm26-bitmap-edge.ts';
import { halfRebuiltTakenAsWhole } from './fm27-half-rebuilt-replica-taken-as-whole.ts';
import { deltaIgnoresGrownTail } from './fm28-delta-ignores-a-grown-tail.ts';
import { joiningReplicaMissesWrites } from './fm29-joining-replica-misses-writes.ts';
import { copyOverwritesNewerWrite } from './fm30-copy-overwrites-a-newer-write.ts';
import { failedSourceReadBecomesZeros } from './fm31-failed-read-of-the-source-becomes-zeros.ts';
import { failedWriteUnnoticed } from './fm32-failed-write-unnoticed.ts';
import { ghostWrite } from './fm33-ghost-write.ts';
import { channelMembership } from './fm34-channel-membership.ts';
import { snapshotNotAtomic } from './fm35-snapshot-not-atomic-across-replicas.ts';
import { zeroingRevealsParent } from './fm36-zeroing-reveals-parent.ts';
import { unmapFreesWrongCluster } from './fm37-unmap-frees-the-wrong-cluster.ts';
import { lateDiscard } from './fm39-late-discard.ts';
import { zeroingTailSkipped } from './fm40-zeroing-tail-skipped.ts';
import { tailRoundedOff } from './fm41-tail-rounded-off.ts';
import { growthShowsOldBytes } from './fm42-growth-shows-old-bytes.ts';
import { sizeBecomesAllocation } from './fm43-size-becomes-what-is-allocated.ts';
import { readsFromUnreadyRange } from './fm44-reads-from-a-range-that-is-not-ready.ts';
import { healthyEarly } from './fm46-healthy-early.ts';
import { salvageKeepsUnequalReplicas } from './fm47-salvage-keeps-unequal-replicas.ts';
import { successAfterErrorAtEnd } from './fm50-success-after-error-at-end.ts';
import { thickImageCopy } from './n1-thick-image-copy.ts';
import { otherPlacement } from './n2-other-placement.ts';
import { inFlightWritesAtCrash } from './n3-in-flight-writes-at-a-crash.ts';
import { discardedRanges } from './n4-discarded-ranges.ts';
import { systemSnapshotsKept } from './n5-system-snapshots-kept.ts';
import { snapshotChecksumMissing } from './n6-snapshot-checksum-missing.ts';
import { slotOrderChanged } from './n7-slot-order-changed.ts';
import { replicaOnAnotherDisk } from './n8-replica-on-another-disk.ts';
import { deviceGrows } from './n9-device-grows.ts';
import { slowDisk } from './n11-slow-disk.ts';
import { slowRebuild } from './n10-slow-rebuild.ts';
import { copyHarmsItsSource } from './x1-copy-harms-its-source.ts';
import { rebuiltSnapshotsLoseTheirAttributes } from './x2-rebuilt-snapshots-lose-their-attributes.ts';
import { replicaInTwoSlots } from './x3-replica-in-two-slots.ts';
import { smallReadsFromElsewhere } from './x4-small-reads-from-elsewhere.ts';
import { snapshotObjectsLie } from './x5-snapshot-objects-lie.ts';
import { snapshotDeletedOnOneReplica } from './x6-snapshot-deleted-on-one-replica.ts';
import { deviceOfAnotherSize } from './x7-device-of-another-size.ts';
import { growthLosesTheLastCluster } from './x8-growth-loses-the-last-cluster.ts';
import { rebuildLosesACluster } from './x9-rebuild-loses-a-cluster.ts';
import { copyReadsAnotherRebuildsSource } from './x10-copy-reads-another-rebuilds-source.ts';

/** In the order of their ids; the controls last. */
export const catalogue: readonly Fault[] = [
  parentDropped,
  parentOfSourceDisk,
  parentIsGrandparent,
  otherImageAsParent,
  imageCopyDiffers,
  neighbourDeletesSharedParent,
  finishSkipped,
  finishOntoOlderSnapshot,
  branchFlattened,
  snapshotNamesSwapped,
  clusterSkipped,
  copyCut,
  deepCopy,
  granularityMismatch,
  zerosNotWritten,
  uninitialisedCluster,
  copyLandsInAnotherReplica,
  staleChecksumTrusted,
  positionBlindDigest,
  digestSaysNothing,
  gapInDirtyLog,
  bitmapEdge,
  halfRebuiltTakenAsWhole,
  deltaIgnoresGrownTail,
  joiningReplicaMissesWrites,
  copyOverwritesNewerWrite,
  failedSourceReadBecomesZeros,
  failedWriteUnnoticed,
  ghostWrite,
  channelMembership,
  snapshotNotAtomic,
  zeroingRevealsParent,
  unmapFreesWrongCluster,
  lateDiscard,
  zeroingTailSkipped,
  tailRoundedOff,
  growthShowsOldBytes,
  sizeBecomesAllocation,
  readsFromUnreadyRange,
  healthyEarly,
  salvageKeepsUnequalReplicas,
  successAfterErrorAtEnd,
  copyHarmsItsSource,
  rebuiltSnapshotsLoseTheirAttributes,
  replicaInTwoSlots,
  smallReadsFromElsewhere,
  snapshotObjectsLie,
  snapshotDeletedOnOneReplica,
  deviceOfAnotherSize,
  growthLosesTheLastCluster,
  rebuildLosesACluster,
  copyReadsAnotherRebuildsSource,
  thickImageCopy,
  otherPlacement,
  inFlightWritesAtCrash,
  discardedRanges,
  systemSnapshotsKept,
  snapshotChecksumMissing,
  slotOrderChanged,
  replicaOnAnotherDisk,
  deviceGrows,
  slowRebuild,
  slowDisk,
];
