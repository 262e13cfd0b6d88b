/** Looking at lvols, to know what a fault would change. */
import { clusterBytes } from '../dataplane/blobstore/cluster-file.ts';
import type { Lvol } from '../dataplane/blobstore/lvol.ts';
import { seededRandom } from '../dataplane/random.ts';
import type { Liveness } from './liveness.ts';

export { clusterBytes };

/** What the lvol shows in a cluster; past its end, and for no lvol at all, zeros. */
export function shown(lvol: Lvol | undefined, index: number): Buffer {
  const content = Buffer.alloc(clusterBytes);
  if (lvol !== undefined && index * clusterBytes < lvol.sizeBytes) lvol.read(index * clusterBytes, content);
  return content;
}

/** What shows in a cluster of the lvol where it owns none. */
export function shownBelow(lvol: Lvol, index: number): Buffer {
  const content = Buffer.alloc(clusterBytes);
  const place = lvol.locateInParent(index);
  place?.file.read(place.cluster, 0, content);
  return content;
}

/** The clusters below `count` in which two lvols show different bytes, those left out that `except` answers for. */
export function differingClusters(options: {
  a: Lvol | undefined;
  b: Lvol | undefined;
  count: number;
  except: (index: number) => boolean;
}): number[] {
  const { a, b, count, except } = options;
  return Array.from({ length: count }, (_, index) => index).filter(
    (index) => !except(index) && !shown(a, index).equals(shown(b, index)),
  );
}

/** Notes that what an lvol has in a cluster is not what it would have been. */
export function noteCluster(liveness: Liveness, lvolName: string, index: number, how: string): void {
  liveness.noteBytes({ lvolName, offsetBytes: index * clusterBytes, lengthBytes: clusterBytes, how });
}

/** What somebody else once had on a disk: never zero, different from place to place. */
export function formerTenant(seed: string, ...where: (string | number)[]): Buffer {
  const random = seededRandom(seed, 'former tenant', ...where);
  const content = Buffer.alloc(clusterBytes);
  const stamp = Buffer.from(random.hex(64), 'ascii');
  for (let offset = 0; offset < clusterBytes; offset += stamp.length) content.set(stamp, offset);
  for (let offset = 0; offset < clusterBytes; offset += 512)
    content.writeUInt32BE(random.integer(0xffff_fffe) + 1, offset);
  return content;
}
