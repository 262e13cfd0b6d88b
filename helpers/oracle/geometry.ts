/** The unit in which sectors describe themselves, and the smallest thing a finding can name. */
export const sectorBytes = 512;

/** The unit of a fingerprint's digests. */
export const mibBytes = 1024 * 1024;

/** Cluster of a Longhorn V2 lvstore: the unit of copy-on-write (longhorn-spdk-engine:pkg/spdk/disk.go@v1.8.0). */
export const clusterBytes = mibBytes;
