import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import { clusterBytes } from '../clusters.ts';
import { engineCommit, longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { bytesBefore } from '../writes.ts';

/** A write that one replica got, and what was there before it. */
interface Late {
  readonly offset: number;
  readonly before: Buffer;
}

export const snapshotNotAtomic: RunnableFault = {
  kind: 'fault',
  id: 'FM35',
  name: 'snapshot not atomic across replicas',
  model:
    'One replica freezes its head some writes earlier than the others: its snapshot lacks them, and its head has them, like all heads.',
  copies: [longhorn(8977), engineCommit('a88e3cf0')],
  scenarios: ['snapshots-and-revert'],
  parameters: {
    slot: { kind: 'integer', default: 0, min: 0, max: 19, text: 'slot of the replica in the raid' },
    snapshot: { kind: 'integer', default: 2, min: 1, max: 1000, text: "which of the user's snapshots" },
    writes: { kind: 'integer', default: 4, min: 1, max: 1000, text: 'how many of the last writes come too late' },
  },
  expected: {
    findings: ['content', 'passes-disagree'],
    wrongBytes: ['older-generation', 'parent-shows-through', 'zeros', 'torn'],
    replica: 'one',
  },
  hooks({ parameters, liveness }) {
    const last = new Map<string, Late[]>();
    const taken = new Map<string, number>();
    return {
      baseBdevWrite(request) {
        if (request.slot === parameters.integer('slot') && request.operation !== 'unmap') {
          const late = [...(last.get(request.replica) ?? []), { offset: request.offset, before: bytesBefore(request) }];
          last.set(request.replica, late.slice(-parameters.integer('writes')));
        }
        return { kind: 'apply' };
      },
      event(event) {
        if (event.kind !== 'snapshot-created' || !event.userCreated) return;
        const { replica, snapshotName, lvol } = event;
        const ordinal = (taken.get(replica) ?? 0) + 1;
        taken.set(replica, ordinal);
        const late = last.get(replica) ?? [];
        last.delete(replica);
        if (ordinal !== parameters.integer('snapshot') || late.length === 0) return;
        const head = [...lvol.clones].find(({ name }) => name === replica);
        const lacking = head === undefined ? [] : moveToHead({ snapshot: lvol, head, late });
        for (const { offset, before } of lacking) {
          const where = { lvolName: replica, offsetBytes: offset, lengthBytes: before.length };
          liveness.noteBytes({ ...where, how: `snapshot ${snapshotName} lacks this write` });
        }
      },
    };
  },
};

/** Gives the head what the snapshot has of those writes, and the snapshot what was there before; answers with those that changed it. */
function moveToHead({ snapshot, head, late }: { snapshot: Lvol; head: Lvol; late: readonly Late[] }): Late[] {
  const frozen = late.map(({ offset, before }) => {
    const content = Buffer.alloc(before.length);
    snapshot.read(offset, content);
    return content;
  });
  late.forEach(({ offset }, index) => head.write(offset, frozen[index] ?? Buffer.alloc(0)));
  for (const { offset, before } of late.toReversed()) overwrite(snapshot, offset, before);
  return late.filter(({ before }, index) => frozen[index]?.equals(before) === false);
}

/** A snapshot is read-only to its owner; what lies under it on the disk is not. */
function overwrite(snapshot: Lvol, offset: number, content: Buffer): void {
  for (let start = 0; start < content.length;) {
    const index = Math.floor((offset + start) / clusterBytes);
    const within = (offset + start) % clusterBytes;
    const length = Math.min(content.length - start, clusterBytes - within);
    const cluster = snapshot.table[index] ?? -1;
    if (cluster >= 0) snapshot.store.file.write(cluster, within, content.subarray(start, start + length));
    start += length;
  }
}
