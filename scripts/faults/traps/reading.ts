/** Traps of reading: who answers, and what is made of the answer. */
import { shown, type Trap } from './trap.ts';

export const readingTraps: readonly Trap[] = [
  {
    id: 'T01',
    trap: 'The page cache answers for the replicas until the last opener has closed the device.',
    kind: 'false confidence',
    defence: 'The device is opened with O_DIRECT, or refused; the volume is read again, cold, on another node.',
    doneBy: ['probe/device/file-device.ts', 'helpers/verdict/premises.ts'],
    shownBy: [
      ...shown(
        'unit/probe/device',
        'a device that is opened for read is open with O_DIRECT, past the page cache',
        'a device that is opened for read-write is open with O_DIRECT, past the page cache',
      ),
      ...shown('unit/verdict/premises', 'no pass after reattaching makes a run inconclusive and says why'),
    ],
  },
  {
    id: 'T02',
    trap: 'With one request in flight raid1 asks the same replica for ever.',
    kind: 'false confidence',
    defence: 'Passes keep many requests in flight, and only what the rebuilt replica showed alone is proof.',
    doneBy: ['helpers/oracle/pass-shapes.ts', 'helpers/verdict/premises.ts'],
    shownBy: [
      ...shown(
        'unit/oracle/plan',
        'no two passes of a phase are alike, and each phase begins with at least 8 requests in flight',
      ),
      ...shown(
        'unit/verdict/premises',
        'no isolation makes a run inconclusive and says why',
        'the wrong replica isolated makes a run inconclusive and says why',
      ),
    ],
  },
  {
    id: 'T03',
    trap: 'Which replica is deleted, and the order of slots at attach, decide whether the new one is ever asked.',
    kind: 'false confidence',
    defence: 'The seed draws the victim; whoever is read alone is known by name, so slots do not matter.',
    doneBy: ['helpers/oracle/make-plan.ts', 'helpers/longhorn/isolation.ts'],
    shownBy: [
      ...shown('unit/oracle/plan', 'over a few seeds each replica is the one that is deleted, of two and of three'),
      ...shown(
        'unit/longhorn/rebuild-witness',
        'a replica is alone when the engine serves it only and no other object is left, not even a terminating one',
      ),
    ],
  },
  {
    id: 'T04',
    trap: 'Too few passes, or passes that repeat one another, are taken for proof.',
    kind: 'false confidence',
    defence: 'The verdict says what passes alone would have missed, counting only deep ones of different shape.',
    doneBy: ['helpers/verdict/sampling.ts'],
    shownBy: shown(
      'unit/verdict/sampling',
      'passes with one request in flight ask one replica for ever: however many, they count as one look',
      'a pass that repeats the shape of another adds nothing: it is answered by the same replicas in the same places',
      'the chance of missing a fault is that of missing it in every independent pass',
    ),
  },
  {
    id: 'T05',
    trap: 'A buffered small write reads a page from one replica and writes it to all: the difference is gone.',
    kind: 'false confidence',
    defence: 'Each write is one direct request of its own bytes; the main story writes nothing after the deletion.',
    doneBy: ['probe/write.ts', 'tests/ha-simple-recovery-with-backing-image.spec.ts'],
    shownBy: [
      ...shown(
        'unit/probe/write',
        'each planned write is one request of just its own bytes, and nothing is read for it',
      ),
      ...shown('meta/profiles', 'the default release is consistent for raw and qcow2'),
    ],
  },
  {
    id: 'T06',
    trap: 'raid1 hides a read error: it reads from another replica and writes that over the failing one.',
    kind: 'false confidence',
    defence: 'A replica that stands alone has no other to read from; an error there is a lost pass and no proof.',
    doneBy: ['helpers/verdict/premises.ts', 'helpers/probe/client.ts'],
    shownBy: [
      ...shown(
        'unit/verdict/judge',
        'a replica that cannot be read alone is not known, however right it is while others answer for it',
      ),
      ...shown('unit/probe/client', 'what the probe says about its failure is passed on, with its kind'),
    ],
  },
  {
    id: 'T07',
    trap: 'Reading is repeated until the checksum matches, or the failed comparison is swallowed and tried again.',
    kind: 'false confidence',
    defence: 'A wrong pass is recorded, never made again, and final; the judge sees all, Playwright retries nothing.',
    doneBy: ['fixtures/passes.ts', 'helpers/verdict/content.ts', 'playwright.config.ts'],
    shownBy: [
      ...shown(
        'unit/runs/passes',
        'a wrong pass is recorded, is not read again, and keeps no other from being read',
        'a lost pass is recorded as lost with its reason, is not made up for, and the next ones are read',
      ),
      ...shown('unit/verdict/judge', 'one wrong pass is final: no right one after it, however many, makes it good'),
    ],
  },
];
