import type { Finding, Verdict } from './verdict.ts';

/** What in a sentence differs between two runs of the same story: ids, names made from them, numbers. */
const accidental = /[0-9a-f]+(?:-[0-9a-f]+)+|\b[0-9a-f]{8,}\b|\d+/g;

/**
 * What is the matter, without who and where: two stories that fail in the same way have the same signature, whatever
 * their replicas, disks and blocks are called.
 */
export function failureSignature({ verdict, findings, causes }: Verdict): string {
  const symptoms =
    findings.length > 0 ? findings.map(symptomOf) : causes.map((cause) => cause.replace(accidental, '#'));
  return [verdict, ...[...new Set(symptoms)].sort()].join('\n');
}

function symptomOf(finding: Finding): string {
  if (finding.kind === 'content') {
    const kinds = Object.keys(finding.wrongByteKinds).sort().join('+');
    return `content: ${kinds} for ${Object.keys(finding.rangeClasses).sort().join('+')}`;
  }
  if (finding.kind === 'passes-disagree') return `passes-disagree: ${finding.behaviour}`;
  if ('problem' in finding) return `${finding.kind}: ${finding.problem}`;
  if (finding.kind === 'cross-check-disagreed') return `${finding.kind}: ${finding.tool}`;
  return 'text' in finding ? `${finding.kind}: ${finding.text.replace(accidental, '#')}` : finding.kind;
}
