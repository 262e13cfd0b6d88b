/** Traps of answers: output that is cut, digests of nothing, checksums that cannot see. */
import { shown, type Trap } from './trap.ts';

export const answerTraps: readonly Trap[] = [
  {
    id: 'T08',
    trap: 'The digest of nothing is taken for the baseline: a pipe loses the exit code of the command that read.',
    kind: 'false confidence',
    defence: "A digest counts with the device's whole byte count and the reader's own good end, or not at all.",
    doneBy: ['helpers/probe/client.ts', 'helpers/probe/plain-checksum.ts', 'helpers/verdict/passes.ts'],
    shownBy: [
      ...shown(
        'unit/probe/client',
        'plain checksums need the digest, a good end of dd and every byte',
        'fewer bytes than the device has is no result',
      ),
      ...shown('unit/verdict/premises', 'an empty pass makes a run inconclusive and says why'),
    ],
  },
  {
    id: 'T09',
    trap: 'The stream of an exec is cut, and what arrived is taken for all of it.',
    kind: 'either',
    defence: 'Results are framed with nonce, length, digest and end mark; anything else is no result.',
    doneBy: ['probe/framing.ts', 'helpers/probe/client.ts'],
    shownBy: [
      ...shown(
        'unit/probe/framing',
        'output that lacks any one byte is never a result',
        'output with any one byte altered is never a result',
      ),
      ...shown('unit/probe/client', 'cut output is no result'),
    ],
  },
  {
    id: 'T10',
    trap: 'The exit code of an exec is missing, or free text, and is taken for 0.',
    kind: 'false confidence',
    defence: 'Only the status frame ends an exec; without one the outcome is lost, without a code it is an error.',
    doneBy: ['helpers/kubernetes/exec.ts'],
    shownBy: shown(
      'unit/kubernetes/exec',
      'a connection that ends (close) without a status is a lost outcome, never an exit code',
      'a command that could not be started is an error with the words of the server',
    ),
  },
  {
    id: 'T23',
    trap: "Longhorn's snapshot checksums are trusted: they cover a layer's own clusters, without place or parent.",
    kind: 'false confidence',
    defence: 'They are compared besides; every snapshot is reverted to and read whole, from every replica, or unknown.',
    doneBy: ['helpers/verdict/snapshots.ts', 'helpers/verdict/content.ts'],
    shownBy: [
      ...shown(
        'unit/verdict/judge',
        'equal snapshot checksums on all replicas excuse no wrong byte: they cannot see a lost parent',
      ),
      ...shown(
        'unit/verdict/snapshots',
        'a snapshot that was never read from the rebuilt replica alone makes a run inconclusive, and is named',
      ),
    ],
  },
  {
    id: 'T24',
    trap: 'Two digests that say nothing are equal: empty text, or 0 on both sides.',
    kind: 'false confidence',
    defence: 'A missing digest proves nothing, 0 for a layer that owns clusters is a finding, an empty pass is none.',
    doneBy: ['helpers/longhorn/snapshot-checksums.ts', 'helpers/verdict/passes.ts', 'scripts/faults/blind.ts'],
    shownBy: [
      ...shown(
        'unit/longhorn/snapshot-checksums',
        '0 is the checksum of an empty layer; of any other it says nothing, also where all agree',
      ),
      ...shown('unit/verdict/premises', 'an empty pass makes a run inconclusive and says why'),
      ...shown(
        'unit/faults/blind',
        'the upstream method sees what differs between its two checksums, and nothing else',
      ),
    ],
  },
  {
    id: 'T25',
    trap: 'Digests of blocks are combined without their order: blocks that changed places do not show.',
    kind: 'false confidence',
    defence: 'One SHA-256 over the device in order, and a digest per MiB that is compared place by place.',
    doneBy: ['helpers/verdict/passes.ts', 'helpers/oracle/fingerprint.ts'],
    shownBy: [
      ...shown('unit/verdict/judge', 'two MiBs that changed places are both wrong, though all digests are there'),
      ...shown(
        'unit/oracle/oracle',
        'a fingerprint is that of the bytes, the last MiB being shorter where the device is',
      ),
    ],
  },
];
