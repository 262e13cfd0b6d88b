/** Traps of writes: what is in flight, unacknowledged, or not yet flushed. */
import { shown, type Trap } from './trap.ts';

export const writeTraps: readonly Trap[] = [
  {
    id: 'T26',
    trap: 'Something writes while the device is digested.',
    kind: 'false alarm',
    defence: 'The probe alone has the volume, one run the cluster; where writes go on, reads are judged by history.',
    doneBy: ['helpers/longhorn/manifests.ts', 'helpers/longhorn/lock/run-lock.ts', 'helpers/oracle/churn-history.ts'],
    shownBy: [
      ...shown('unit/longhorn/manifests', 'one node at a time has the subject, so that nobody writes beside the probe'),
      ...shown('unit/lock/run-lock', 'a second run waits, says for whom, and in the end names the holder'),
      ...shown(
        'unit/oracle/churn',
        'a read that its history explains is never accused, wherever writes are while it runs',
      ),
    ],
  },
  {
    id: 'T27',
    trap: 'A write that was never acknowledged is judged as if it had been, or as if it had not.',
    kind: 'false alarm',
    defence: 'Old or new is legal for what was in flight, but one of the two, in every read and for good.',
    doneBy: ['helpers/oracle/settle.ts', 'helpers/verdict/unstable.ts'],
    shownBy: [
      ...shown(
        'unit/oracle/settle',
        'over an acknowledged write, all reads old is legal, and so is all reads new, which is then what must be there',
        'over an acknowledged write, reads that show now the one and now the other are unstable, and neither is wrong',
      ),
      ...shown(
        'unit/verdict/crash',
        'a write that some reads show and others do not is a finding of its own, in its own words',
      ),
    ],
  },
  {
    id: 'T28',
    trap: 'Writes that overlap in flight leave either, and the expectation knows one.',
    kind: 'false alarm',
    defence: 'Writes of one generation do not overlap and are acknowledged before the next; nor do those that go on.',
    doneBy: ['helpers/oracle/write-layout.ts', 'helpers/oracle/churn-layout.ts', 'probe/write.ts'],
    shownBy: [
      ...shown(
        'unit/oracle/plan',
        'writes are whole sectors inside the device, and none of a generation overlaps another',
      ),
      ...shown('unit/oracle/churn', 'blocks are of every size, by several connections, and never overlap'),
      ...shown(
        'unit/probe/write',
        'no write of a generation begins before all of the earlier one are acknowledged and flushed',
      ),
    ],
  },
  {
    id: 'T29',
    trap: 'The baseline is taken before the data was flushed.',
    kind: 'false alarm',
    defence: 'Writes are direct and end with a flush; a stage that was not flushed makes the run inconclusive.',
    doneBy: ['probe/write.ts', 'helpers/verdict/premises.ts'],
    shownBy: [
      ...shown('unit/probe/write', 'the last request is a flush, asked for when every write was acknowledged'),
      ...shown('unit/verdict/premises', 'writes that were not flushed makes a run inconclusive and says why'),
    ],
  },
];
