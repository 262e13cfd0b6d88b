import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import { isBackingImageLvol } from '../../dataplane/lvol-names.ts';
import { clusterBytes, formerTenant, noteCluster, shown } from '../clusters.ts';
import { engineCommit, longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';

/** A cluster of an image's copy that is not what it was. */
interface Damage {
  readonly image: Lvol;
  readonly index: number;
  readonly right: Buffer;
  readonly content: Buffer;
  /** Replicas that a reader got it from. */
  readonly seenOf: Set<string>;
}

export const imageCopyDiffers: RunnableFault = {
  kind: 'fault',
  id: 'FM05',
  name: "one disk's copy of the image differs",
  model:
    'A copy of the image passes its checksum and is then something else on the disk: stale bytes in its zeros, cut short, or with a damaged cluster.',
  copies: [longhorn(9876), engineCommit('5bd1d71d')],
  parameters: {
    copy: {
      kind: 'integer',
      default: 2,
      min: 0,
      max: 20,
      text: 'which copy, in the order in which replicas on them are first written; 0 is all',
    },
    bytes: {
      kind: 'choice',
      default: 'zeros',
      choices: ['zeros', 'tail', 'data'],
      text: 'stale bytes in zeros, zeros in the tail, or stale bytes in data',
    },
    clusters: { kind: 'integer', default: 5, min: 1, max: 1000, text: 'how many clusters at most' },
  },
  expected: { findings: ['content'], wrongBytes: ['garbage', 'zeros'], replica: 'one' },
  hooks({ parameters, liveness, seed, random }) {
    const inUse = new Set<Lvol['store']>();
    const wanted = parameters.integer('copy');
    const damaged: Damage[] = [];
    const heads = new Map<string, Lvol>();
    // Live is what a reader got: damage below a cluster that a rebuild copied from elsewhere is never seen.
    const seen = (replica: string, offset: number, length: number): void => {
      const head = heads.get(replica);
      if (head === undefined || head.isDeleted) return;
      for (const hit of damaged) {
        const { image, index, seenOf } = hit;
        if (seenOf.has(replica)) continue;
        if ((index + 1) * clusterBytes <= offset || index * clusterBytes >= offset + length) continue;
        if (!shows(shown(head, index), hit)) continue;
        noteCluster(liveness, replica, index, `shows what is wrong in ${image.alias}`);
        seenOf.add(replica);
      }
    };
    const damage = (lvol: Lvol, index: number, content: Buffer): void => {
      const right = shown(lvol, index);
      if (right.equals(content)) return;
      lvol.adoptCluster(index, content);
      damaged.push({ image: lvol, index, right, content, seenOf: new Set() });
    };
    const spoil = (image: Lvol): void => {
      const all = Array.from({ length: image.table.length }, (_, index) => index);
      const inData = all.filter((index) => image.owns(index));
      const limit = parameters.integer('clusters');
      const stale = (indices: readonly number[]): void => {
        for (const index of drawn(indices, limit)) damage(image, index, formerTenant(seed, image.name, index));
      };
      switch (parameters.choice('bytes')) {
        case 'tail':
          for (const index of inData.slice(-limit)) damage(image, index, Buffer.alloc(clusterBytes));
          return;
        case 'data':
          stale(inData);
          return;
        default:
          stale(all.filter((index) => !image.owns(index)));
      }
    };
    return {
      baseBdevWrite({ replica, lvol }) {
        heads.set(replica, lvol);
        const image = imageBelow(lvol);
        if (image === undefined || inUse.has(image.store)) return { kind: 'apply' };
        inUse.add(image.store);
        if (wanted === 0 || wanted === inUse.size) spoil(image);
        return { kind: 'apply' };
      },
      event(event) {
        if (event.kind === 'raid-read') seen(event.replica, event.offset, event.length);
        if (event.kind !== 'rebuild-step' || event.step !== 'mark-read-write') return;
        const head = event.destinationStore.find(event.destinationReplica);
        if (head !== undefined) heads.set(head.name, head);
      },
    };
    function drawn(indices: readonly number[], count: number): number[] {
      const left = [...indices];
      return Array.from(
        { length: Math.min(count, left.length) },
        () => left.splice(random.integer(left.length), 1)[0] ?? 0,
      );
    }
  },
};

/**
 * Whether a damaged sector shows: a small write copies the rest of its cluster from the image as it is, and a rebuild
 * that cluster to another disk.
 */
function shows(found: Buffer, { content, right }: Damage): boolean {
  for (let at = 0; at < found.length; at += 512) {
    const [seen, wrong] = [found.subarray(at, at + 512), content.subarray(at, at + 512)];
    if (seen.equals(wrong) && !wrong.equals(right.subarray(at, at + 512))) return true;
  }
  return false;
}

/** The copy of the image that a head hangs on, by way of its snapshots. */
function imageBelow(head: Lvol): Lvol | undefined {
  let lvol = head;
  while (lvol.parent.kind === 'snapshot') lvol = lvol.parent.lvol;
  return isBackingImageLvol(lvol.name) ? lvol : undefined;
}
