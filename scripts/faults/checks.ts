/** The checks of the suite, as columns of the matrix: which of them a finding comes from. */
import type { Finding } from '../../helpers/verdict/verdict.ts';

export const checks = {
  before: 'content before the rebuild',
  together: 'content, all replicas answering',
  agreement: 'passes agree with one another',
  alone: 'rebuilt replica alone',
  second: 'second rebuilt replica alone',
  during: 'content during the rebuild',
  snapshots: 'snapshots',
  bystander: 'bystander volume',
  later: 'content after revert, resize, discard or recovery',
  settling: 'writes in flight at a crash',
  chain: 'lvol chains',
  members: 'replicas in the raid',
  names: 'snapshot names and objects',
  allocation: 'allocation and sizes',
  checksums: 'snapshot checksums',
  leftovers: 'lvols left behind or changed',
  logs: 'log lines',
  tools: "other tools' opinion",
} as const;

export type CheckId = keyof typeof checks;

/** The check that a finding comes from. */
export function checkOf(finding: Finding): CheckId {
  switch (finding.kind) {
    case 'content':
      return contentCheck(finding.phase);
    case 'passes-disagree':
      return 'agreement';
    case 'unstable-in-flight':
      return 'settling';
    case 'lvol-chain':
      return 'chain';
    case 'membership':
      return 'members';
    case 'naming':
    case 'snapshot-cr':
      return 'names';
    case 'allocation':
      return 'allocation';
    case 'snapshot-checksum':
      return 'checksums';
    case 'left-behind':
    case 'backing-image':
      return 'leftovers';
    case 'forbidden-observation':
      return 'logs';
    case 'cross-check-disagreed':
      return 'tools';
  }
}

function contentCheck(phase: Extract<Finding, { kind: 'content' }>['phase']): CheckId {
  switch (phase) {
    case 'baseline':
      return 'before';
    case 'degraded':
    case 'rebuilding':
      return 'during';
    case 'rebuilt':
    case 'reattached':
      return 'together';
    case 'isolated':
    case 'source':
      return 'alone';
    case 'isolated-second':
      return 'second';
    case 'snapshot':
      return 'snapshots';
    case 'bystander':
      return 'bystander';
    case 'recovered':
    case 'reverted':
    case 'resized':
    case 'discarded':
      return 'later';
  }
}
