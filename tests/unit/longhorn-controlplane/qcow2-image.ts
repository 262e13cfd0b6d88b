const clusterBytes = 65536;

/** A minimal qcow2 version 3 image of that raw content, all-zero clusters left out, everything else uncompressed. */
export function qcow2Image(raw: Buffer, options: { version?: 2 | 3; zeroFlags?: boolean } = {}): Buffer {
  const version = options.version ?? 3;
  const clusters = Math.ceil(raw.length / clusterBytes);
  const header = Buffer.alloc(clusterBytes);
  header.writeUInt32BE(0x514649fb, 0);
  header.writeUInt32BE(version, 4);
  header.writeUInt32BE(16, 20);
  header.writeBigUInt64BE(BigInt(raw.length), 24);
  header.writeUInt32BE(1, 36);
  header.writeBigUInt64BE(BigInt(clusterBytes), 40);
  header.writeUInt32BE(version === 3 ? 104 : 72, 100);
  const l1 = Buffer.alloc(clusterBytes);
  l1.writeBigUInt64BE(BigInt(2 * clusterBytes) | (1n << 63n), 0);
  const l2 = Buffer.alloc(clusterBytes);
  const data: Buffer[] = [];
  for (let index = 0; index < clusters; index += 1) {
    const cluster = Buffer.alloc(clusterBytes);
    raw.copy(cluster, 0, index * clusterBytes, (index + 1) * clusterBytes);
    if (cluster.every((byte) => byte === 0)) {
      if (options.zeroFlags === true) l2.writeBigUInt64BE(1n, index * 8);
      continue;
    }
    l2.writeBigUInt64BE(BigInt((3 + data.length) * clusterBytes) | (1n << 63n), index * 8);
    data.push(cluster);
  }
  return Buffer.concat([header, l1, l2, ...data]);
}
