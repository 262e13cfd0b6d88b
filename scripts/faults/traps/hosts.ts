/** Traps of the host: filesystems, mounts, and discards that others issue. The subject is a raw block device throughout. */
import { shown, type Trap } from './trap.ts';

const block = shown(
  'unit/longhorn/manifests',
  'the subject is a raw block device: no manifest gives it a filesystem, a mount or mount options',
);

export const hostTraps: readonly Trap[] = [
  {
    id: 'T11',
    trap: 'Verified through a filesystem, free space, metadata and other files are never read.',
    kind: 'false confidence',
    defence: 'The claim is a block device, and every byte of it is read and judged.',
    doneBy: ['helpers/longhorn/manifests.ts', 'fixtures/probe-pods.ts'],
    shownBy: block,
  },
  {
    id: 'T12',
    trap: 'A read-only mount still replays a journal and changes what it was to look at.',
    kind: 'false alarm',
    defence: 'Nothing mounts the subject, and the pod that holds it has no right to.',
    doneBy: ['fixtures/probe-pods.ts'],
    shownBy: shown(
      'unit/longhorn/manifests',
      'a probe pod sees no device but that of its claim, and has no right to mount one',
    ),
  },
  {
    id: 'T13',
    trap: 'The image holds a filesystem or LVM that a host recognises, mounts and writes to.',
    kind: 'false alarm',
    defence: 'The image is made of sectors of our own, which no host takes for anything; the pod mounts nothing of it.',
    doneBy: ['helpers/oracle/sector.ts', 'fixtures/probe-pods.ts'],
    shownBy: [
      ...shown(
        'unit/oracle/oracle',
        'neither image nor volume looks like a filesystem, a partition or a part of one: no host takes it for its own',
      ),
      ...shown(
        'unit/longhorn/manifests',
        'a probe pod has the claim as a device and mounts the probe alone: whatever the image holds, nobody mounts it',
      ),
    ],
  },
  {
    id: 'T14',
    trap: 'A trim timer or a discard mount discards ranges during the run.',
    kind: 'false alarm',
    defence: 'Without a filesystem nothing trims; the usual pattern discards nothing, a stage that does is looked at.',
    doneBy: ['helpers/longhorn/manifests.ts', 'probe/write.ts', 'helpers/verdict/premises.ts'],
    shownBy: [
      ...block,
      ...shown(
        'unit/probe/write',
        'each planned write is one request of just its own bytes, and nothing is read for it',
      ),
      ...shown('unit/verdict/premises', 'discards that nobody looked at makes a run inconclusive and says why'),
    ],
  },
  {
    id: 'T15',
    trap: 'What a discarded range reads as depends on whether its cluster was allocated.',
    kind: 'either',
    defence: 'It may read as before, as zeros or as ones, is looked at once, and is held to that from then on.',
    doneBy: ['helpers/oracle/discarded.ts', 'fixtures/discards.ts'],
    shownBy: shown(
      'unit/oracle/discarded',
      'a device that keeps what was discarded leaves the content as it was',
      'a device that leaves zeros is held to them, and what was written since is not touched',
      'a discard that brings the parent or other data back is told, with what it is',
    ),
  },
];
