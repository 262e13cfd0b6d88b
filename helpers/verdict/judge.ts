import { auditFindings, observationFindings } from './audit.ts';
import { citedFindings } from './cited.ts';
import { contentFindings } from './content.ts';
import type { RunEvent, Target } from './events.ts';
import type { Finding } from './finding-schema.ts';
import { headline } from './headline.ts';
import { compareText, eventsOf, firstOf, phases, placed } from './history.ts';
import { disagreements, judgePasses, summarisePasses } from './passes.ts';
import { missingPremises } from './premises.ts';
import { formatBytes } from './quantities.ts';
import { sampling } from './sampling.ts';
import { unstableFindings } from './unstable.ts';
import { snapshotReadings } from './snapshots.ts';
import type { ExitCode, Verdict, VerdictName } from './verdict.ts';
import { contentWords } from './words.ts';

export const exitCodes: Record<VerdictName, ExitCode> = { consistent: 0, inconsistent: 1, inconclusive: 2 };

/**
 * The verdict on one volume, from its event log alone: any finding makes it `inconsistent`, else any missing premise
 * makes it `inconclusive`, else it is `consistent`. Total: an empty or torn log is `inconclusive`. The order of events
 * matters only where the log says what happened first (a plan, a rebuild); findings come out in one canonical order.
 */
export function judge(events: readonly RunEvent[]): Verdict {
  const judged = judgePasses(events);
  const passes = summarisePasses(events, judged);
  const findings = findingsOf(events, judged);
  const causes = missingPremises(events, judged, passes);
  const verdict: VerdictName = findings.length > 0 ? 'inconsistent' : causes.length > 0 ? 'inconclusive' : 'consistent';
  const started = firstOf(events, 'run-started');
  const environment = firstOf(events, 'environment');
  const plan = firstOf(events, 'plan')?.plan;
  const draft: Verdict = {
    schemaVersion: 1,
    verdict,
    exitCode: exitCodes[verdict],
    headline: '',
    target: started === undefined ? 'unknown' : targetLabel(started.target),
    clusterFlags: started?.target.kind === 'embedded' ? [...(started.target.flags ?? [])] : [],
    scenario: started?.scenario ?? plan?.scenario ?? null,
    image: started?.image ?? plan?.image.format ?? null,
    longhornVersion: environment?.longhornVersion ?? null,
    kubernetesVersion: environment?.kubernetesVersion ?? null,
    seed: started?.seed ?? plan?.seed ?? null,
    runId: started?.runId ?? null,
    startedAt: started?.at ?? null,
    finished: firstOf(events, 'run-finished') !== undefined,
    subject:
      plan === undefined
        ? null
        : {
            sizeBytes: plan.volume.sizeBytes,
            replicaCount: plan.volume.replicaCount,
            imageBytes: plan.image.sizeBytes,
            sharedParent: plan.sharedParent ?? 'backing-image',
            writes: plan.writes.length,
            ...(plan.interruption === undefined ? {} : { interruption: plan.interruption }),
            ...(plan.volumes === undefined ? {} : { volumes: plan.volumes }),
          },
    findings,
    causes,
    notes: notesOf(events),
    passes,
    snapshots: snapshotReadings(events, judged),
    sampling: sampling(judged),
    rebuild: rebuildOf(events),
    bytes: {
      device: firstOf(events, 'plan')?.expected.byteCount ?? 0,
      written: [...eventsOf(events, 'written'), ...eventsOf(events, 'churned')].reduce(
        (sum, { bytes }) => sum + bytes,
        0,
      ),
      compared:
        passes.reduce((sum, { comparedBytes }) => sum + comparedBytes, 0) +
        eventsOf(events, 'churned').reduce((sum, { reads }) => sum + reads.bytes, 0),
      wrongMibs: new Set(findings.flatMap((finding) => (finding.kind === 'content' ? finding.wrongMibs : []))).size,
    },
    durations: {
      totalMs: Math.round(Math.max(0, ...events.map(({ tMs }) => tMs))),
      passesMs: Math.round(judged.reduce((sum, { pass }) => sum + pass.durationMs, 0)),
    },
    crossChecks: eventsOf(events, 'cross-check').map(({ tool, state, detail }) => ({ tool, state, detail })),
    undo: undoOf(events),
  };
  return { ...draft, headline: headline(draft) };
}

/** `embedded`, or the kubeconfig context that the run was told to use. */
export function targetLabel(target: Target): string {
  return target.kind === 'embedded' ? 'embedded' : target.context;
}

function findingsOf(events: readonly RunEvent[], judged: ReturnType<typeof judgePasses>): Finding[] {
  const found: Finding[] = [
    ...contentFindings(events, judged),
    ...disagreements(judged),
    ...unstableFindings(events),
    ...auditFindings(events),
    ...observationFindings(events),
  ];
  return citedFindings(events, found).sort((a, b) => weight(a) - weight(b) || compareText(a.title, b.title));
}

/** What a person should read first: proof before corroboration, the explanation before what follows from it. */
function weight(finding: Finding): number {
  switch (finding.kind) {
    case 'content':
      if (finding.phase === 'baseline') return 0;
      return finding.replicas.length === 1 ? 1 : 20 + phases.indexOf(finding.phase);
    case 'passes-disagree':
      return 2 + phases.indexOf(finding.phase);
    case 'unstable-in-flight':
      return 1.5;
    case 'cross-check-disagreed':
      return 10;
    case 'lvol-chain':
      return 11;
    case 'backing-image':
      return 12;
    default:
      return 30;
  }
}

function rebuildOf(events: readonly RunEvent[]): Verdict['rebuild'] {
  const proven = firstOf(events, 'rebuild-proven');
  if (proven === undefined) return null;
  const deleted = eventsOf(events, 'replica-deleted').find(({ replica }) => replica.replica === proven.removed);
  return {
    removed: proven.removed,
    rebuilt: placed(proven.rebuilt),
    sources: proven.sources.map(placed),
    evidence: [...proven.evidence],
    durationMs: deleted === undefined ? null : Math.max(0, Math.round(proven.tMs - deleted.tMs)),
  };
}

function notesOf(events: readonly RunEvent[]): string[] {
  const notes = [
    ...eventsOf(events, 'snapshot-checksums-skipped').map(
      ({ phase, reason }) => `Snapshot checksums were not computed anew (${phase}): ${reason}`,
    ),
    ...eventsOf(events, 'discards-settled').map(({ content, bytes: { unchanged, zeros, ones } }) => {
      const parts = [[unchanged, 'as before'] as const, [zeros, 'as zeros'] as const, [ones, 'as ones'] as const];
      const shown = parts.filter(([bytes]) => bytes > 0).map(([bytes, how]) => `${formatBytes(bytes)} ${how}`);
      return `Discarded ranges${contentWords(content)} read ${shown.join(', ') || 'as nothing that is allowed'}.`;
    }),
    ...eventsOf(events, 'lvol-audit-skipped').map(({ phase, reason }) => `Not audited (${phase}): ${reason}`),
    ...eventsOf(events, 'cross-check')
      .filter(({ state }) => state === 'skipped')
      .map(({ tool, detail }) => `No cross-check with ${tool}: ${detail}`),
    ...undoOf(events).failed.map((what) => `Not undone: ${what}`),
  ];
  return [...new Set(notes)];
}

function undoOf(events: readonly RunEvent[]): Verdict['undo'] {
  const undo = eventsOf(events, 'undo');
  const named = (outcome: 'kept' | 'failed'): string[] =>
    undo
      .filter((event) => event.outcome === outcome)
      .map(({ what, detail }) => (detail === undefined ? what : `${what}: ${detail}`));
  return {
    undone: undo.filter(({ outcome }) => outcome === 'undone').length,
    kept: named('kept'),
    failed: named('failed'),
  };
}
