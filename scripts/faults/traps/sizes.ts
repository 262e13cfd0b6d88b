/** Traps of sizes and formats. */
import { shown, type Trap } from './trap.ts';

export const sizeTraps: readonly Trap[] = [
  {
    id: 'T20',
    trap: 'The checksum of a qcow2 file is not that of its content, and its length is not the size of the disk.',
    kind: 'false alarm',
    defence: 'Image and checksum come from one plan of raw content; qcow2 is another way to serve the same bytes.',
    doneBy: ['helpers/oracle/oracle.ts', 'helpers/oracle/make-plan.ts', 'probe/qcow2/qcow2-file.ts'],
    shownBy: [
      ...shown('unit/oracle/oracle', 'the SHA-512 of the image is that of its raw bytes'),
      ...shown(
        'unit/oracle/plan',
        'the image format changes nothing but itself, so raw and qcow2 hold the same content',
      ),
      ...shown(
        'unit/probe/qcow2',
        'qemu-img finds no fault in a qcow2 image of 8 MiB and converts it to the identical raw image',
      ),
    ],
  },
  {
    id: 'T21',
    trap: 'Sizes are rounded on the way, to sectors, MiB or clusters, and an end is missing or too much.',
    kind: 'either',
    defence: 'The size that Longhorn will give is computed; device and every head must have exactly that.',
    doneBy: ['helpers/longhorn/volume-size.ts', 'probe/main.ts', 'helpers/longhorn/lvol-audit.ts'],
    shownBy: [
      ...shown('unit/command-line/size', 'a claim for 33Mi is for 34603008 bytes and becomes a volume of 34 MiB'),
      ...shown('unit/probe/device', 'a device of another size than the plan is refused, not judged'),
      ...shown('unit/longhorn/lvol-audit', 'the audit tells of a head of another size'),
    ],
  },
  {
    id: 'T22',
    trap: 'Blocks of 4096 bytes refuse small direct requests, and a loop of whole blocks drops the tail.',
    kind: 'either',
    defence:
      'The block size is read first and told when it does not fit; requests cover the device to its last sector.',
    doneBy: ['probe/write.ts', 'probe/pass/ring.ts'],
    shownBy: [
      ...shown('unit/probe/write', 'a device with blocks of 4096 bytes is told apart before anything is written to it'),
      ...shown(
        'unit/probe/ring',
        'the requests of a pass cover the device from its first to its last sector, each byte once',
      ),
    ],
  },
  {
    id: 'T35',
    trap: 'The volume is too small: one page of metadata maps all of it, and no number outgrows its field.',
    kind: 'false confidence',
    defence: 'Any size can be asked for; above 512 MiB edges of extent pages are written across, above 2 TiB that too.',
    doneBy: ['helpers/oracle/write-layout.ts', 'helpers/oracle/sector.ts'],
    shownBy: [
      ...shown(
        'unit/oracle/plan',
        'a volume of more than 512 clusters is written across edges of extent pages, one of more than 2 TiB across that of 32-bit sectors',
      ),
      ...shown(
        'unit/oracle/oracle',
        'content beyond 2 TiB is told apart from that of the place whose sector number has the same low 32 bits',
      ),
    ],
  },
];
