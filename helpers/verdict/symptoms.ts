import type { Plan } from '../oracle/plan.ts';
import type { ContentFinding, Finding } from './finding-schema.ts';
import { imageOnlyMibs } from './layout.ts';

/** What a symptom is judged against, beside the findings. */
export interface SymptomContext {
  readonly plan: Plan | null;
  readonly longhornVersion: string | null;
  /** The replica that the rebuild made; null when none was proven. */
  readonly rebuilt: string | null;
  /** A source of the rebuild was on another disk than the target. */
  readonly otherDisk: boolean;
  /** The lvols of the rebuilt replica were looked at after the rebuild. */
  readonly rebuiltAudited: boolean;
}

/**
 * The rebuilt replica has lost its backing image: whatever is wrong after the rebuild reads as zeros where image data
 * should be, the rebuilt replica alone shows it in exactly the clusters that the volume never wrote to, and its chain,
 * where it was looked at, lacks the image. Before isolation came to it, chain and a part of the clusters must do.
 */
export function lostBackingImage(findings: readonly Finding[], context: SymptomContext): readonly Finding[] {
  const { plan, rebuilt, rebuiltAudited } = context;
  if (plan === null || rebuilt === null) return [];
  const contents = findings.filter((finding) => finding.kind === 'content');
  const chains = findings.filter(
    (finding) => finding.kind === 'lvol-chain' && finding.problem === 'chain-lacks-backing-image',
  );
  const chainLacksImage = chains.some((finding) => 'replica' in finding && finding.replica.replica === rebuilt);
  const lost = imageOnlyMibs(plan);
  const alone = contents.find(({ phase, blamed, replicas }) => {
    return phase === 'isolated' && replicas.length === 1 && blamed?.replica === rebuilt;
  });
  const zerosOnly = contents.length > 0 && contents.every((finding) => isLostImageData(finding, lost));
  const exact = alone !== undefined && alone.wrongMibs.length === lost.length;
  if (!zerosOnly || !(exact || (alone === undefined && chainLacksImage))) return [];
  if (rebuiltAudited && !chainLacksImage) return [];
  return findings.filter((finding) => isPartOfLostImage(finding, chains));
}

function isLostImageData(finding: ContentFinding, lost: readonly number[]): boolean {
  const lostMibs = new Set(lost);
  return (
    finding.phase !== 'baseline' &&
    finding.blocks.every(({ rangeClass, wrongByteKind }) => rangeClass === 'image-data' && wrongByteKind === 'zeros') &&
    (finding.blocks.length > 0 || finding.replicas.length > 1) &&
    finding.wrongMibs.every((mib) => lostMibs.has(mib))
  );
}

function isPartOfLostImage(finding: Finding, chains: readonly Finding[]): boolean {
  switch (finding.kind) {
    case 'content':
      return true;
    case 'passes-disagree':
      return finding.phase !== 'baseline';
    case 'forbidden-observation':
      return finding.text.includes('does not have a backing image');
    default:
      return chains.includes(finding);
  }
}

/** A backing image lvol that the volume under test does not own changed or vanished. */
export function otherImageDeleted(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(
    (finding) =>
      finding.kind === 'backing-image' && finding.phases.some((phase) => phase !== 'attached' && phase !== 'baseline'),
  );
}
