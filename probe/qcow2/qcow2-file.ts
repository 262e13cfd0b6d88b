/**
 * A qcow2 version 3 file of a described image (qemu:docs/interop/qcow2.txt), computed where it is asked for: metadata first,
 * then data clusters in guest order. A cluster with any data is stored; one of zeros is marked with the zero flag; one that
 * is a hole throughout stays unallocated. All integers big-endian.
 */
import type { DeviceContent } from '../../helpers/oracle/content.ts';
import type { ImageFile } from '../image-file.ts';

const clusterBits = 16;
const clusterBytes = 1 << clusterBits;
const entriesPerL2 = clusterBytes / 8;
/** 16-bit reference counts, the usual width. */
const refcountOrder = 4;
const refcountsPerBlock = clusterBytes / 2;
const headerBytes = 104;
/** "Reference count is exactly one": the entry's cluster may be written in place. */
const copiedFlag = 1n << 63n;
const zeroFlag = 1n;

type ClusterState = 'data' | 'zeros' | 'hole';

function clusterStates(content: DeviceContent): ClusterState[] {
  const states = new Array<ClusterState>(Math.ceil(content.sizeBytes / clusterBytes)).fill('hole');
  for (const { offsetBytes, lengthBytes, origin, rangeClass } of content.segments) {
    const state = origin !== 'zeros' ? 'data' : rangeClass === 'image-hole' ? 'hole' : 'zeros';
    const last = Math.floor((offsetBytes + lengthBytes - 1) / clusterBytes);
    for (let cluster = Math.floor(offsetBytes / clusterBytes); cluster <= last; cluster++) {
      if (states[cluster] === 'hole' || state === 'data') states[cluster] = state;
    }
  }
  return states;
}

interface Layout {
  readonly l1Entries: number;
  readonly refcountTableClusters: number;
  readonly refcountBlocks: number;
  readonly totalClusters: number;
  /** Index of the first cluster of each part of the file. */
  readonly at: {
    readonly refcountTable: number;
    readonly refcountBlocks: number;
    readonly l1: number;
    readonly l2: number;
    readonly data: number;
  };
}

function layOut(guestClusters: number, dataClusters: number): Layout {
  const l2Tables = Math.ceil(guestClusters / entriesPerL2);
  const l1Clusters = Math.max(1, Math.ceil((l2Tables * 8) / clusterBytes));
  const withoutRefcounts = 1 + l1Clusters + l2Tables + dataClusters;
  let refcountBlocks = 0;
  let refcountTableClusters = 0;
  // Reference counts also count the clusters that hold them.
  for (let total = withoutRefcounts, before = -1; total !== before;) {
    before = total;
    refcountBlocks = Math.ceil(total / refcountsPerBlock);
    refcountTableClusters = Math.ceil((refcountBlocks * 8) / clusterBytes);
    total = withoutRefcounts + refcountBlocks + refcountTableClusters;
  }
  const l1 = 1 + refcountTableClusters + refcountBlocks;
  return {
    l1Entries: l2Tables,
    refcountTableClusters,
    refcountBlocks,
    totalClusters: withoutRefcounts + refcountBlocks + refcountTableClusters,
    at: {
      refcountTable: 1,
      refcountBlocks: 1 + refcountTableClusters,
      l1,
      l2: l1 + l1Clusters,
      data: l1 + l1Clusters + l2Tables,
    },
  };
}

function writeHeader(metadata: Buffer, layout: Layout, sizeBytes: number): void {
  metadata.write('QFI\xfb', 0, 'latin1');
  metadata.writeUInt32BE(3, 4);
  metadata.writeUInt32BE(clusterBits, 20);
  metadata.writeBigUInt64BE(BigInt(sizeBytes), 24);
  metadata.writeUInt32BE(layout.l1Entries, 36);
  metadata.writeBigUInt64BE(BigInt(layout.at.l1 * clusterBytes), 40);
  metadata.writeBigUInt64BE(BigInt(layout.at.refcountTable * clusterBytes), 48);
  metadata.writeUInt32BE(layout.refcountTableClusters, 56);
  metadata.writeUInt32BE(refcountOrder, 96);
  metadata.writeUInt32BE(headerBytes, 100);
}

function writeRefcounts(metadata: Buffer, layout: Layout): void {
  for (let block = 0; block < layout.refcountBlocks; block++) {
    const blockBytes = BigInt((layout.at.refcountBlocks + block) * clusterBytes);
    metadata.writeBigUInt64BE(blockBytes, layout.at.refcountTable * clusterBytes + block * 8);
  }
  const counts = layout.at.refcountBlocks * clusterBytes;
  for (let cluster = 0; cluster < layout.totalClusters; cluster++) metadata.writeUInt16BE(1, counts + cluster * 2);
}

/** Writes both table levels; returns the guest cluster behind each stored data cluster. */
function writeTables(metadata: Buffer, layout: Layout, states: readonly ClusterState[]): number[] {
  for (let table = 0; table < layout.l1Entries; table++) {
    const l2Bytes = BigInt((layout.at.l2 + table) * clusterBytes);
    metadata.writeBigUInt64BE(l2Bytes | copiedFlag, layout.at.l1 * clusterBytes + table * 8);
  }
  const stored: number[] = [];
  states.forEach((state, guest) => {
    const entry = layout.at.l2 * clusterBytes + guest * 8;
    if (state === 'zeros') metadata.writeBigUInt64BE(zeroFlag, entry);
    if (state !== 'data') return;
    metadata.writeBigUInt64BE(BigInt((layout.at.data + stored.length) * clusterBytes) | copiedFlag, entry);
    stored.push(guest);
  });
  return stored;
}

/** A valid file for any image; memory is about one 8192nd of the image. */
export function qcow2File(content: DeviceContent): ImageFile {
  const states = clusterStates(content);
  const layout = layOut(states.length, states.filter((state) => state === 'data').length);
  const metadata = Buffer.alloc(layout.at.data * clusterBytes);
  writeHeader(metadata, layout, content.sizeBytes);
  writeRefcounts(metadata, layout);
  const stored = writeTables(metadata, layout, states);

  function clusterInto(index: number, within: number, target: Uint8Array): void {
    const guestBytes = (stored[index] as number) * clusterBytes + within;
    const known = Math.min(target.length, Math.max(0, content.sizeBytes - guestBytes));
    content.into(guestBytes, target.subarray(0, known));
    target.fill(0, known);
  }

  return {
    sizeBytes: layout.totalClusters * clusterBytes,
    into(offsetBytes, target) {
      for (let done = 0; done < target.length;) {
        const at = offsetBytes + done;
        if (at < metadata.length) {
          done += metadata.copy(target, done, at);
          continue;
        }
        const within = at % clusterBytes;
        const length = Math.min(target.length - done, clusterBytes - within);
        clusterInto(
          (at - metadata.length) / clusterBytes - within / clusterBytes,
          within,
          target.subarray(done, done + length),
        );
        done += length;
      }
    },
  };
}
