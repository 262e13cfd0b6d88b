/** The unit in which sectors describe themselves, and the smallest thing a finding can name. */
export const sectorBytes = 512;

/** The unit of a fingerprint's digests. */
export const mibBytes = 1024 * 1024;

/** Cluster of a Longhorn V2 lvstore: the unit of copy-on-write (longhorn-spdk-engine:pkg/spdk/disk.go@v1.8.0). */
export const clusterBytes = mibBytes;

/**
 * What one page of an lvol's metadata maps: so many clusters share an extent page, and the next one begins another
 * (spdk:lib/blob/blobstore.h SPDK_EXTENTS_PER_EP, with metadata pages of 4 KiB).
 */
export const extentPageBytes = 512 * clusterBytes;
