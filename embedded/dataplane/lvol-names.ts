/** The naming of longhorn-spdk-engine:pkg/spdk/types.go@44753b56. Code there decides by name what an lvol is. */

const snapshotPrefix = (replica: string): string => `${replica}-snap-`;

export const snapshotLvolName = (replica: string, snapshot: string): string => `${snapshotPrefix(replica)}${snapshot}`;

export const isSnapshotLvolOf = (replica: string, lvol: string): boolean => lvol.startsWith(snapshotPrefix(replica));

/** The snapshot's name, or the lvol's when it is no snapshot of the replica. */
export const snapshotNameOf = (replica: string, lvol: string): string =>
  isSnapshotLvolOf(replica, lvol) ? lvol.slice(snapshotPrefix(replica).length) : lvol;

export const rebuildingLvolName = (replica: string): string => `${replica}-rebuilding`;

/** The head and whatever begins with the replica's name and a dash. */
export const isLvolOf = (replica: string, lvol: string): boolean => lvol === replica || lvol.startsWith(`${replica}-`);

export const isExpiredLvolOf = (replica: string, lvol: string): boolean => lvol.startsWith(`${replica}-expired`);

export const backingImageLvolName = (image: string, lvstoreUuid: string): string => `bi-${image}-disk-${lvstoreUuid}`;

export const temporaryHeadName = (image: string, lvstoreUuid: string): string =>
  `${backingImageLvolName(image, lvstoreUuid)}-temp-head`;

export const isBackingImageLvol = (lvol: string): boolean => lvol.startsWith('bi-') && !lvol.endsWith('temp-head');

/** The image's name as the engine recovers it (longhorn-spdk-engine:pkg/spdk/util.go@44753b56). */
export const imageNameOf = (lvol: string): string | undefined =>
  /^bi-([a-zA-Z0-9-]+)-disk-([a-zA-Z0-9-]+)$/.exec(lvol)?.[1];

export const subsystemNqn = (name: string): string => `nqn.2023-01.io.longhorn.spdk:${name}`;

/**
 * The lvol on which the replicas of linked clones hang, on the disk of the source's replica
 * (longhorn-spdk-engine:pkg/spdk/types.go GetCloneEntrypointLvolName@v1.12.1).
 */
export const cloneEntrypointLvolName = (sourceReplica: string, snapshot: string): string =>
  `${sourceReplica}-clone-ep-${snapshot}`;

export const isCloneEntrypointLvol = (lvol: string): boolean =>
  lvol.includes('-clone-ep-') && !lvol.endsWith('tmp-head');

/** The source's replica and snapshot that an entrypoint's name tells. */
export const cloneEntrypointParts = (lvol: string): { replica: string; snapshot: string } => {
  const at = lvol.indexOf('-clone-ep-');
  return { replica: lvol.slice(0, at), snapshot: lvol.slice(at + '-clone-ep-'.length) };
};
