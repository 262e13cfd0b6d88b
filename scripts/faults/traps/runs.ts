/** Traps of runs: what was really run and where, and what is left of it. */
import { shown, type Trap } from './trap.ts';

export const runTraps: readonly Trap[] = [
  {
    id: 'T30',
    trap: 'V2 was asked for, and V1 ran.',
    kind: 'false confidence',
    defence: 'The live volume, its engine and each replica must say v2, or the run is inconclusive.',
    doneBy: ['helpers/longhorn/subject-premises.ts'],
    shownBy: shown(
      'unit/longhorn/subject-premises',
      'a volume runs on V2 only when its volume, engine and every replica say so',
    ),
  },
  {
    id: 'T31',
    trap: 'A test was skipped or cut off, and nobody noticed.',
    kind: 'false confidence',
    defence: 'Passes, stories and runs are counted against the plan; what is missing is named and is no success.',
    doneBy: ['helpers/verdict/premises.ts', 'scripts/shards/merge.ts', 'scripts/faults/matrix.ts'],
    shownBy: [
      ...shown('unit/verdict/premises', 'fewer passes than planned makes a run inconclusive and says why'),
      ...shown(
        'unit/releases/shards',
        'a shard whose log never came makes the merged verdict inconclusive, and says which',
      ),
      ...shown(
        'unit/faults/table',
        'a run that was asked for and left no result is named, and the others do not pass without it',
      ),
    ],
  },
  {
    id: 'T32',
    trap: 'The first failure ends the test, and hides the others.',
    kind: 'false confidence',
    defence: 'Findings fail a step softly, every pass is made, the judge tells all findings, the undo tries all.',
    doneBy: [
      'fixtures/passes.ts',
      'fixtures/soft-failure.ts',
      'helpers/verdict/judge.ts',
      'helpers/kubernetes/undo.ts',
    ],
    shownBy: [
      ...shown('unit/runs/passes', 'a wrong pass is recorded, is not read again, and keeps no other from being read'),
      ...shown('reports/run-reports', 'the run shows its steps with durations, the verdict, and ends with the counts'),
      ...shown(
        'unit/verdict/judge',
        '1.8.0 without the backing image is inconsistent, names replica and disk, lists exactly the lost blocks, cites #10340',
      ),
      ...shown('unit/kubernetes/undo', 'a failing undo is reported and keeps no other from being tried'),
    ],
  },
  {
    id: 'T33',
    trap: 'Background hashing makes lvols busy, and purges rewrite layers while they are compared.',
    kind: 'false alarm',
    defence:
      'The audit waits until purges have ended or does not compare; a snapshot that is being hashed says nothing.',
    doneBy: ['helpers/longhorn/volume-waits.ts', 'helpers/longhorn/snapshot-checksums.ts'],
    shownBy: [
      ...shown(
        'unit/longhorn-controlplane/races',
        'race 10: healthy comes before the purge, which takes the last snapshot; the suite waits until it holds still',
      ),
      ...shown(
        'unit/longhorn/snapshot-checksums',
        'a snapshot that Longhorn is hashing itself is busy: nothing is said of it, and nothing is wrong',
        'a checksum that could not be computed proves nothing',
      ),
    ],
  },
  {
    id: 'T34',
    trap: 'Source and target of the rebuild share a disk, where a lost parent cannot show.',
    kind: 'false confidence',
    defence: 'Replicas must be on different disks, and the rebuilt one on another than its sources; else inconclusive.',
    doneBy: ['helpers/longhorn/subject-premises.ts', 'helpers/verdict/premises.ts'],
    shownBy: [
      ...shown(
        'unit/longhorn/subject-premises',
        'two replicas on one disk are no replicas for a verdict, also on one node with several disks',
        'a rebuild onto the disk of any of its sources proves nothing, and both are named',
      ),
      ...shown('unit/verdict/premises', 'source and target on one disk makes a run inconclusive and says why'),
    ],
  },
  {
    id: 'T39',
    trap: 'The clean-up destroys what a failure could be explained with.',
    kind: 'lost evidence',
    defence: 'Objects, logs, lvols and raid bdevs are kept before the undo begins; --keep leaves the whole scene.',
    doneBy: ['fixtures/test.ts', 'fixtures/evidence.ts', 'helpers/kubernetes/undo.ts'],
    shownBy: [
      ...shown(
        'meta/profiles',
        'Longhorn 1.9.0-rc2 is inconsistent, longhorn/longhorn#10909 is cited, and what was wrong is kept',
      ),
      ...shown('unit/kubernetes/undo', 'a kept scene keeps objects, but settings are put back'),
    ],
  },
  {
    id: 'T40',
    trap: 'A fault that changed nothing is counted as survived, or as caught.',
    kind: 'either',
    defence: 'Each fault notes what it really changed; without a difference a run says nothing about the suite.',
    doneBy: ['scripts/faults/score.ts', 'embedded/faults/liveness.ts'],
    shownBy: [
      ...shown(
        'unit/faults/score',
        'consistent in spite of a live fault is a survivor; without a difference it says nothing',
        'a finding without any difference is not the fault’s',
      ),
      ...shown(
        'unit/faults/rebuild-faults',
        'a fault of the second rebuild leaves the first alone, and says that it changed nothing',
      ),
    ],
  },
];
