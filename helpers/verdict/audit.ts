import type { AuditProblem, RunEvent } from './events.ts';
import type { AuditFinding, Finding, PlacedReplica } from './finding-schema.ts';
import { compareText, eventsOf, firstOf, moments, placementOf, placements } from './history.ts';
import { diskWords } from './words.ts';

interface ProblemKind {
  readonly kind: AuditFinding['kind'];
  readonly title: (where: string, parent: string) => string;
}

const kinds: Record<AuditProblem, ProblemKind> = {
  'chain-lacks-backing-image': {
    kind: 'lvol-chain',
    title: (where, parent) => `The chain of ${where} lacks the ${parent}`,
  },
  'foreign-backing-image': {
    kind: 'lvol-chain',
    title: (where, parent) => `The chain of ${where} ends in another disk's or another volume's ${parent}`,
  },
  'esnap-parent': {
    kind: 'lvol-chain',
    title: (where) => `The chain of ${where} still hangs on an external snapshot`,
  },
  'snapshot-names-differ': { kind: 'naming', title: (where) => `Snapshot names of ${where} differ from the others'` },
  'snapshot-parent-differs': {
    kind: 'lvol-chain',
    title: (where) => `Snapshots of ${where} hang on other ones than the others' do`,
  },
  'snapshot-attributes-differ': {
    kind: 'naming',
    title: (where) => `Snapshots of ${where} say otherwise than the others' who took them or when`,
  },
  'allocation-differs': {
    kind: 'allocation',
    title: (where) => `Allocated clusters of ${where} differ from the others'`,
  },
  'size-differs': { kind: 'allocation', title: (where) => `The size of ${where} differs from the volume's` },
  'device-size-differs': { kind: 'allocation', title: () => 'The device has another size than its volume' },
  'actual-size-differs': {
    kind: 'allocation',
    title: () => 'The volume tells another actual size than its replicas own',
  },
  'disk-accounts-differ': {
    kind: 'allocation',
    title: (where) => `The clusters in use on ${where} are not those that its lvols own`,
  },
  'disk-of-another-node': {
    kind: 'naming',
    title: (where) => `The object of ${where} tells another node than that disk's`,
  },
  'raid-members-differ': {
    kind: 'membership',
    title: (where) => `The raid does not have ${where} as the engine says`,
  },
  'left-behind': { kind: 'left-behind', title: (where) => `Lvols were left behind at ${where}` },
  'snapshot-cr-mismatch': { kind: 'snapshot-cr', title: (where) => `Snapshot CRs do not match the lvols of ${where}` },
  'snapshot-taker-wrong': {
    kind: 'snapshot-cr',
    title: () => 'The engine does not tell rightly who took its snapshots',
  },
  'snapshot-checksum-stale': {
    kind: 'snapshot-checksum',
    title: (where) => `A snapshot of ${where} is no longer what was hashed`,
  },
  'snapshot-checksum-empty': {
    kind: 'snapshot-checksum',
    title: (where) => `A snapshot checksum of ${where} says nothing`,
  },
  'snapshot-checksum-differs': {
    kind: 'snapshot-checksum',
    title: (where) => `Snapshot checksums of ${where} differ from the others'`,
  },
  'backing-image-lvol-changed': {
    kind: 'backing-image',
    title: (where, parent) => `A ${parent}'s lvol was changed or deleted at ${where}`,
  },
  'bystander-lvol-changed': {
    kind: 'lvol-chain',
    title: (where) => `An lvol of a bystander was changed or deleted at ${where}`,
  },
};

/** One finding per problem and replica, whatever the number of moments at which the audit saw it. */
export function auditFindings(events: readonly RunEvent[]): AuditFinding[] {
  const where = placements(events);
  const parent = firstOf(events, 'plan')?.plan.sharedParent === 'linked-clone' ? 'clone entrypoint' : 'backing image';
  const groups = new Map<string, ReturnType<typeof auditProblems>>();
  for (const event of auditProblems(events)) {
    const key = `${event.problem} ${event.replica} ${event.diskUuid}`;
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const replica = { ...placementOf(where, first.replica) };
    replica.diskUuid ??= first.diskUuid;
    return [auditFinding({ problem: first.problem, replica, group, parent })];
  });
}

function auditProblems(events: readonly RunEvent[]) {
  return eventsOf(events, 'audit-problem').sort(
    (a, b) => moments.indexOf(a.phase) - moments.indexOf(b.phase) || compareText(a.detail, b.detail),
  );
}

function auditFinding(found: {
  problem: AuditProblem;
  replica: PlacedReplica;
  group: ReturnType<typeof auditProblems>;
  parent: string;
}): AuditFinding {
  const { problem, replica, group, parent } = found;
  const { kind, title } = kinds[problem];
  return {
    kind,
    title: title(whereWords(replica), parent),
    evidence: [...new Set(group.map(({ phase, detail }) => `${phase}: ${detail}`))],
    citations: [],
    problem,
    replica,
    phases: [...new Set(group.map(({ phase }) => phase))],
  };
}

function whereWords(placed: PlacedReplica): string {
  if (placed.replica !== '') return `replica ${placed.replica} on ${diskWords(placed)}`;
  return placed.diskUuid === '' ? 'a replica' : diskWords(placed);
}

/** Forbidden events or log lines, and tools that read something else than the probe; each once. */
export function observationFindings(events: readonly RunEvent[]): Finding[] {
  const findings: Finding[] = [
    ...eventsOf(events, 'forbidden-observation').map(({ where, text }) => ({
      kind: 'forbidden-observation' as const,
      title: `${where}: ${text}`,
      evidence: [`${where}: ${text}`],
      citations: [],
      where,
      text,
    })),
    ...eventsOf(events, 'cross-check')
      .filter(({ state }) => state === 'disagreed')
      .map(({ tool, detail }) => ({
        kind: 'cross-check-disagreed' as const,
        title: `${tool} disagrees with the probe: ${detail}`,
        evidence: [detail],
        citations: [],
        tool,
        detail,
      })),
  ];
  return [...new Map(findings.map((finding) => [finding.title, finding])).values()];
}
