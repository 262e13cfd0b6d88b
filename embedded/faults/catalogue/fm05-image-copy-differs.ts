import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import { clusterBytes, formerTenant, shown } from '../clusters.ts';
import { engineCommit, longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';

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
      text: 'which copy, in the order in which they are made; later copies are made from earlier ones and fail their checksum; 0 is all',
    },
    bytes: {
      kind: 'choice',
      default: 'zeros',
      choices: ['zeros', 'tail', 'data'],
      text: 'stale bytes in zeros, zeros in the tail, or stale bytes in data',
    },
    clusters: { kind: 'integer', default: 3, min: 1, max: 1000, text: 'how many clusters at most' },
  },
  expected: { findings: ['content'], wrongBytes: ['garbage', 'zeros'], replica: 'one' },
  hooks({ parameters, liveness, seed, random }) {
    let copies = 0;
    const wanted = parameters.integer('copy');
    /** Damaged clusters per disk that no replica hangs on yet: nobody can see those. */
    const unseen = new Map<string, readonly number[]>();
    const seen = (lvstoreUuid: string): void => {
      for (const index of unseen.get(lvstoreUuid) ?? []) {
        liveness.note('bytes', `cluster ${String(index)} of the image on disk ${lvstoreUuid}`);
      }
      unseen.delete(lvstoreUuid);
    };
    const damage = (lvol: Lvol, index: number, content: Buffer): void => {
      if (shown(lvol, index).equals(content)) return;
      lvol.adoptCluster(index, content);
      const damaged = unseen.get(lvol.store.uuid) ?? [];
      unseen.set(lvol.store.uuid, [...damaged, index]);
    };
    return {
      baseBdevWrite({ lvol }) {
        seen(lvol.store.uuid);
        return { kind: 'apply' };
      },
      event(event) {
        if (event.kind === 'parent-chosen') seen(event.parent.replace(/^bi-.*-disk-/, ''));
        if (event.kind !== 'image-copied') return;
        copies += 1;
        if (wanted !== 0 && wanted !== copies) return;
        const { lvol } = event;
        const all = Array.from({ length: lvol.table.length }, (_, index) => index);
        const inData = all.filter((index) => lvol.owns(index));
        const limit = parameters.integer('clusters');
        switch (parameters.choice('bytes')) {
          case 'tail':
            for (const index of inData.slice(-limit)) damage(lvol, index, Buffer.alloc(clusterBytes));
            return;
          case 'data':
            for (const index of drawn(inData, limit)) damage(lvol, index, formerTenant(seed, lvol.name, index));
            return;
          default:
            for (const index of drawn(
              all.filter((candidate) => !lvol.owns(candidate)),
              limit,
            )) {
              damage(lvol, index, formerTenant(seed, lvol.name, index));
            }
        }
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
