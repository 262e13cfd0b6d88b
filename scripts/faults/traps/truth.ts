/** Traps of truth: what is believed of a rebuild, and what the expected content can tell apart. */
import { shown, type Trap } from './trap.ts';

export const truthTraps: readonly Trap[] = [
  {
    id: 'T16',
    trap: 'Healthy is stale or early: the API is ahead of the device, or behind the deletion.',
    kind: 'false confidence',
    defence: 'A rebuild is a new replica that serves RW with the old one let go, reread; its chain must be closed.',
    doneBy: ['helpers/longhorn/rebuild.ts', 'helpers/longhorn/volume-waits.ts', 'helpers/longhorn/lvol-audit.ts'],
    shownBy: [
      ...shown(
        'unit/longhorn/rebuild-witness',
        'healthy that lags behind proves no rebuild: a new replica must be there, RW, and the deleted one let go of',
        'a volume called healthy is not replenished while a replica is WO, unhealthy or one too few',
      ),
      ...shown(
        'unit/longhorn/lvol-audit',
        'while 1.8.1 rebuilds, the new replica hangs on an external snapshot and an unfinished lvol lies beside it',
      ),
      ...shown('unit/kubernetes/wait', 'with a reread, a state that is gone by then does not count'),
    ],
  },
  {
    id: 'T17',
    trap: 'Only what was written is checked; the untouched image and its holes are not.',
    kind: 'false confidence',
    defence:
      'Every MiB of every pass is compared with the oracle; lines that a sound engine does not log are findings.',
    doneBy: ['probe/pass/mib-check.ts', 'helpers/verdict/audit.ts'],
    shownBy: [
      ...shown(
        'unit/probe/device',
        'a pass names every wrong MiB and classifies it from the bytes that it digested',
        'wrong MiBs are complete also when there are more than are looked into',
      ),
      ...shown('unit/verdict/judge', 'forbidden log lines and a tool that disagrees are findings'),
    ],
  },
  {
    id: 'T18',
    trap: 'Before equals after, and both are wrong: what was read first is believed.',
    kind: 'false confidence',
    defence: 'The oracle computes every byte from the seed; the baseline must equal it as well.',
    doneBy: ['helpers/verdict/passes.ts', 'helpers/oracle/oracle.ts'],
    shownBy: [
      ...shown(
        'unit/verdict/judge',
        'a volume that is wrong before any rebuild is a finding of its own and no rebuild defect',
      ),
      ...shown('unit/faults/blind', 'wrong from the start on every replica is found by the oracle alone'),
    ],
  },
  {
    id: 'T19',
    trap: 'The rebuild is too fast for degraded to be seen, or slower than the test waits.',
    kind: 'false alarm',
    defence: "The proof is the new replica's identity, not a state that must be sampled; a time-out is inconclusive.",
    doneBy: ['helpers/longhorn/rebuild.ts', 'helpers/verdict/premises.ts'],
    shownBy: [
      ...shown(
        'unit/longhorn-controlplane/races',
        'race 2: two polls before and after the rebuild never see it degraded; the suite needs no more than them',
      ),
      ...shown('unit/verdict/premises', 'a failed step makes a run inconclusive and says why'),
    ],
  },
  {
    id: 'T36',
    trap: 'Random data cannot tell whose bytes are there instead, of which place and of which age.',
    kind: 'false confidence',
    defence: 'Sectors name their source, seed, place and generation under a checksum, and are classified by it.',
    doneBy: ['helpers/oracle/sector.ts', 'helpers/oracle/classify.ts'],
    shownBy: [
      ...shown(
        'unit/oracle/sector',
        'a sector says whose it is, where it belongs and which generation it has',
        'any changed bit is noticed',
      ),
      ...shown(
        'unit/oracle/classify',
        'our own content of another place is of another offset, whatever was due',
        'the first write where the second was due is an older generation',
      ),
    ],
  },
  {
    id: 'T37',
    trap: 'Zeros or preallocated data cannot show that a write was lost.',
    kind: 'false confidence',
    defence: 'All data is unique to its place, owner and generation; zeros are written besides, over data.',
    doneBy: ['helpers/oracle/sector.ts', 'helpers/oracle/write-layout.ts'],
    shownBy: [
      ...shown('unit/oracle/sector', 'fills do not repeat between positions, owners and generations'),
      ...shown('unit/oracle/plan', 'every class of range gets every alignment'),
    ],
  },
  {
    id: 'T38',
    trap: 'Device names move at a reboot or an attach, and another device is read.',
    kind: 'false confidence',
    defence: 'The pod has one device, that of its claim; another size is refused, content of another seed is told.',
    doneBy: ['fixtures/probe-pods.ts', 'probe/main.ts', 'helpers/oracle/classify.ts'],
    shownBy: [
      ...shown(
        'unit/longhorn/manifests',
        'a probe pod has the claim as a device and mounts the probe alone: whatever the image holds, nobody mounts it',
      ),
      ...shown('unit/probe/device', 'a device of another size than the plan is refused, not judged'),
      ...shown('unit/oracle/classify', 'content of another seed is of another volume'),
    ],
  },
];
