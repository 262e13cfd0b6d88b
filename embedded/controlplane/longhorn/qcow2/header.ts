/** What is needed of a qcow2 header, versions 2 and 3. Source: qemu:docs/interop/qcow2.txt. */
export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly clusterBits: number;
  readonly virtualSizeBytes: number;
  readonly l1Size: number;
  readonly l1TableOffset: number;
}

const magic = 0x514649fb;
const headerBytes = 104;
export const qcow2HeaderBytes = headerBytes;

export function looksLikeQcow2(start: Buffer): boolean {
  return start.length >= 4 && start.readUInt32BE(0) === magic;
}

/**
 * Reads a header. Throws for what this reader cannot give back faithfully: backing files, encryption, external data
 * files, extended L2 entries.
 */
export function parseQcow2Header(start: Buffer): Qcow2Header {
  if (!looksLikeQcow2(start) || start.length < 72) throw new Error('Not a qcow2 image: the magic number is missing.');
  const version = start.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw new Error(`qcow2 version ${String(version)} is not 2 or 3.`);
  if (start.readBigUInt64BE(8) !== 0n) throw new Error('qcow2 images with a backing file are not supported.');
  if (start.readUInt32BE(32) !== 0) throw new Error('Encrypted qcow2 images are not supported.');
  const clusterBits = start.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21)
    throw new Error(`qcow2 cluster_bits ${String(clusterBits)} is not in 9..21.`);
  if (version === 3) {
    // Bit 0 (dirty) and bit 3 (compression type) do no harm to a reader of uncompressed clusters.
    const incompatible = start.readBigUInt64BE(72) & ~0b1001n;
    if (incompatible !== 0n) {
      throw new Error(`qcow2 incompatible features 0x${incompatible.toString(16)} are not supported.`);
    }
  }
  return {
    version,
    clusterBits,
    virtualSizeBytes: Number(start.readBigUInt64BE(24)),
    l1Size: start.readUInt32BE(36),
    l1TableOffset: Number(start.readBigUInt64BE(40)),
  };
}
