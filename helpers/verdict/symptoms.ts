import { mibsOf } from './content.ts';
import { expectedWrongBlocksIfParentLost } from '../oracle/oracle.ts';
import type { Plan, WrongBlock } from '../oracle/plan.ts';
import type { ContentFinding, Finding } from './finding-schema.ts';

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
  const lost = expectedWrongBlocksIfParentLost(plan);
  const alone = contents.find(({ phase, blamed, replicas }) => {
    return phase === 'isolated' && replicas.length === 1 && blamed?.replica === rebuilt;
  });
  const lostMibs = new Set(lost.flatMap(mibsOf));
  const zerosOnly = contents.length > 0 && contents.every((finding) => isLostImageData(finding, lostMibs));
  const exact = alone !== undefined && isAllOf(alone, lost, lostMibs);
  if (!zerosOnly || !(exact || (alone === undefined && chainLacksImage))) return [];
  if (rebuiltAudited && !chainLacksImage) return [];
  return findings.filter((finding) => isPartOfLostImage(finding, chains));
}

function isLostImageData(finding: ContentFinding, lostMibs: ReadonlySet<number>): boolean {
  return (
    finding.phase !== 'baseline' &&
    finding.blocks.every(({ rangeClass, wrongByteKind }) => rangeClass === 'image-data' && wrongByteKind === 'zeros') &&
    (finding.blocks.length > 0 || finding.replicas.length > 1) &&
    finding.wrongMibs.every((mib) => lostMibs.has(mib))
  );
}

/** Block for block where every wrong MiB was extracted, else MiB for MiB. */
function isAllOf(finding: ContentFinding, lost: readonly WrongBlock[], lostMibs: ReadonlySet<number>): boolean {
  if (!finding.complete) return finding.wrongMibs.length === lostMibs.size;
  const same = (block: WrongBlock, other: WrongBlock | undefined): boolean =>
    block.offsetBytes === other?.offsetBytes && block.lengthBytes === other.lengthBytes;
  return finding.blocks.length === lost.length && finding.blocks.every((block, index) => same(block, lost[index]));
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
