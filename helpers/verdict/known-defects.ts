/**
 * Defects of Longhorn whose symptoms this suite can recognise, as data. A defect is claimed only when its symptom is
 * there in full and the release is one that shipped it; with another release the finding says `same symptom as`.
 */
import type { Citation, Finding } from './finding-schema.ts';
import { lostBackingImage, type SymptomContext, otherImageDeleted } from './symptoms.ts';

interface KnownDefect {
  readonly issue: string;
  /** Which of the findings show the symptom; none when it is not there in full. */
  readonly symptom: (findings: readonly Finding[], context: SymptomContext) => readonly Finding[];
  /** Whether the defect can show at all with the source of the rebuild on these disks. */
  readonly disks: 'different' | 'any';
  readonly affected: readonly string[];
  readonly fixedIn: string;
  readonly words: string;
}

/** Affected releases from the longhorn-spdk-engine pins of longhorn-instance-manager:go.mod at each release's tag. */
const knownDefects: readonly KnownDefect[] = [
  {
    issue: 'longhorn/longhorn#10340',
    symptom: lostBackingImage,
    disks: 'different',
    affected: ['1.8.0'],
    fixedIn: '1.8.1 and 1.9.0',
    words:
      'The rebuild looks the backing image up by the name of its copy on the source disk, finds none, and builds ' +
      'the replica without it: image data that the volume never wrote over reads as zeros.',
  },
  {
    issue: 'longhorn/longhorn#10909',
    symptom: lostBackingImage,
    disks: 'any',
    affected: ['1.9.0-rc2'],
    fixedIn: '1.9.0',
    words:
      'The source reports no parent for a snapshot on a backing image, the target takes that literally and builds ' +
      'the replica without it: image data that the volume never wrote over reads as zeros.',
  },
  {
    issue: 'longhorn/longhorn#10527',
    symptom: otherImageDeleted,
    disks: 'any',
    affected: ['1.8.0', '1.8.1', '1.8.2'],
    fixedIn: '1.9.0',
    words: "The rebuild's clean-up deletes the lvols of other backing images on the target disk.",
  },
];

/** The same findings, each with the defects that it is a symptom of. */
export function cite(findings: readonly Finding[], context: SymptomContext): Finding[] {
  const citations = new Map<Finding, Citation[]>();
  const shown = knownDefects
    .map((defect) => ({ defect, symptoms: defect.symptom(findings, context) }))
    .filter(({ defect, symptoms }) => symptoms.length > 0 && (defect.disks === 'any' || context.otherDisk));
  for (const { defect, symptoms } of shown) {
    const shipped = isAffected(defect, context.longhornVersion);
    // A release that shipped one defect explains the symptom; a second one with the same symptom adds nothing.
    const explained = shown.some(
      (other) => other.defect.symptom === defect.symptom && isAffected(other.defect, context.longhornVersion),
    );
    if (!shipped && explained) continue;
    const citation = citationOf(defect, shipped, context.longhornVersion);
    for (const finding of symptoms) citations.set(finding, [...(citations.get(finding) ?? []), citation]);
  }
  return findings.map((finding) => ({ ...finding, citations: citations.get(finding) ?? [] }));
}

function isAffected({ affected }: KnownDefect, version: string | null): boolean {
  return version !== null && affected.includes(version.replace(/^v/, ''));
}

function citationOf(defect: KnownDefect, shipped: boolean, version: string | null): Citation {
  const { issue, fixedIn, words } = defect;
  const url = `https://github.com/${issue.replace('#', '/issues/')}`;
  if (shipped) return { issue, url, relation: 'known-defect', words: `${words} Fixed in ${fixedIn}.` };
  const here = version === null ? 'the release here is unknown' : `the release here is ${version}`;
  return { issue, url, relation: 'same-symptom', words: `Same symptom as ${issue} (fixed in ${fixedIn}); ${here}.` };
}
