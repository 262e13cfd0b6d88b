const mib = 2 ** 20;

/** longhorn-manager:util/util.go SizeAlignment@v1.11.3 */
const alignmentBytes = 2 * mib;
/** longhorn-manager:util/util.go MinimalVolumeSize@v1.11.3 */
const smallestBytes = 10 * mib;

/**
 * The size of the volume that Longhorn makes for a claim of any size: at least 10 MiB, rounded up to a multiple of 2 MiB
 * (longhorn-manager:csi/controller_server.go CreateVolume, util/util.go RoundUpSize@v1.8.0, v1.11.3).
 */
export function provisionedBytes(requestedBytes: number): number {
  return Math.ceil(Math.max(smallestBytes, requestedBytes) / alignmentBytes) * alignmentBytes;
}
