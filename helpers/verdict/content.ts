import { kindOfBlock } from '../oracle/classify.ts';
import type { WrongBlock } from '../oracle/plan.ts';
import type { RunEvent } from './events.ts';
import type { ContentFinding, PlacedReplica } from './finding-schema.ts';
import { compareText, contentOf, eventsOf, expectations, placementOf, placements, type EventOf } from './history.ts';
import { groupBySource, type JudgedPass, type SourceGroup } from './passes.ts';
import { bytesPerMib, formatBytes, formatRuns, plural } from './quantities.ts';
import { contentWords, diskWords, phaseWords, rangeClassWords, wrongByteWords } from './words.ts';

type Observation =
  | { readonly kind: 'pass'; readonly pass: JudgedPass & { readonly outcome: 'wrong' } }
  | { readonly kind: 'blocks'; readonly event: EventOf<'wrong-blocks'> };

/**
 * One finding per phase and set of replicas that could answer. A replica is blamed when it alone could answer, or when
 * its isolation shows all of what is wrong.
 */
export function contentFindings(events: readonly RunEvent[], judged: readonly JudgedPass[]): ContentFinding[] {
  const observations: Observation[] = [
    ...judged.flatMap((pass) => (pass.outcome === 'wrong' ? [{ kind: 'pass' as const, pass }] : [])),
    ...eventsOf(events, 'wrong-blocks')
      .filter(({ blocks }) => blocks.length > 0)
      .map((event) => ({ kind: 'blocks' as const, event })),
  ];
  const where = placements(events);
  const rebuilt = new Set(eventsOf(events, 'rebuild-proven').map((proven) => proven.rebuilt.replica));
  const findings = groupBySource(observations, (seen) => (seen.kind === 'pass' ? seen.pass.pass : seen.event)).map(
    (group) => contentFinding(group, where),
  );
  return findings.map((finding) => {
    const alone = finding.blamed ?? blameByIsolation(finding, findings);
    const blamed = alone ?? blameByElimination(finding, events, judged);
    const proof = alone === null ? 'elimination' : 'isolation';
    return { ...finding, blamed, title: contentTitle({ ...finding, blamed }, { rebuilt, proof }) };
  });
}

function contentFinding(group: SourceGroup<Observation>, where: ReadonlyMap<string, PlacedReplica>): ContentFinding {
  const passes = group.items.flatMap((seen) => (seen.kind === 'pass' ? [seen.pass] : []));
  const extracted = group.items.flatMap((seen) => (seen.kind === 'blocks' ? [seen.event] : []));
  const blocks = mergeBlocks(extracted.flatMap((event) => event.blocks));
  const classified = new Set(blocks.flatMap(mibsOf));
  const wrongMibs = [...new Set([...passes.flatMap((pass) => pass.wrongMibs), ...classified])].sort((a, b) => a - b);
  const unclassified = wrongMibs.filter((mib) => !classified.has(mib));
  const [sole] = group.replicas;
  const indices = [...new Set([...passes.map(({ pass }) => pass.index), ...extracted.map(({ index }) => index)])];
  return {
    kind: 'content',
    title: '',
    evidence: contentEvidence(passes, wrongMibs, blocks),
    citations: [],
    phase: group.phase,
    passes: indices.sort((a, b) => a - b),
    content: group.content,
    replicas: [...group.replicas],
    blamed: sole !== undefined && group.replicas.length === 1 ? placementOf(where, sole) : null,
    wrongMibs,
    wrongBytes: unionBytes(blocks) + unclassified.length * bytesPerMib,
    blocks,
    rangeClasses: sumBytes(blocks, (block) => block.rangeClass),
    wrongByteKinds: sumBytes(blocks, (block) => block.wrongByteKind),
    complete: unclassified.length === 0 && !extracted.some(({ truncated }) => truncated),
  };
}

function contentEvidence(
  passes: readonly (JudgedPass & { outcome: 'wrong' })[],
  wrongMibs: readonly number[],
  blocks: readonly WrongBlock[],
): string[] {
  const perPass = passes.map(
    ({ pass, wrongMibs: wrong }) =>
      `${pass.phase} pass ${pass.index} on ${pass.node}: ${wrong.length} of ${pass.fingerprint.mibSha256.length} MiB differ, ` +
      `SHA-256 ${pass.fingerprint.sha256.slice(0, 16)}…`,
  );
  const examples = blocks
    .slice(0, 5)
    .map((block) => `${formatBytes(block.lengthBytes)} at byte ${block.offsetBytes}: ${block.detail}`);
  return [...perPass, `Wrong MiBs: ${formatRuns(wrongMibs)}`, ...examples];
}

/** Blocks of one kind that touch or overlap become one; the first one's words stay. */
function mergeBlocks(blocks: readonly WrongBlock[]): WrongBlock[] {
  const ordered = [...blocks].sort(
    (a, b) => a.offsetBytes - b.offsetBytes || a.lengthBytes - b.lengthBytes || compareText(a.detail, b.detail),
  );
  const open = new Map<string, number>();
  const merged: WrongBlock[] = [];
  for (const block of ordered) {
    const key = kindOfBlock(block);
    const index = open.get(key);
    const last = index === undefined ? undefined : merged[index];
    if (index !== undefined && last !== undefined && last.offsetBytes + last.lengthBytes >= block.offsetBytes) {
      const end = Math.max(last.offsetBytes + last.lengthBytes, block.offsetBytes + block.lengthBytes);
      merged[index] = { ...last, lengthBytes: end - last.offsetBytes };
    } else {
      open.set(key, merged.push(block) - 1);
    }
  }
  return merged;
}

/** The MiBs of the device that a block touches. */
export function mibsOf({ offsetBytes, lengthBytes }: WrongBlock): number[] {
  const first = Math.floor(offsetBytes / bytesPerMib);
  const last = Math.floor((offsetBytes + Math.max(lengthBytes, 1) - 1) / bytesPerMib);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function unionBytes(blocks: readonly WrongBlock[]): number {
  let covered = 0;
  let end = 0;
  for (const block of blocks) {
    const blockEnd = block.offsetBytes + block.lengthBytes;
    covered += Math.max(0, blockEnd - Math.max(end, block.offsetBytes));
    end = Math.max(end, blockEnd);
  }
  return covered;
}

function sumBytes<Key extends string>(
  blocks: readonly WrongBlock[],
  keyOf: (block: WrongBlock) => Key,
): Partial<Record<Key, number>> {
  const sums: Partial<Record<Key, number>> = {};
  for (const block of blocks) {
    const key = keyOf(block);
    sums[key] = (sums[key] ?? 0) + block.lengthBytes;
  }
  return sums;
}

function blameByIsolation(finding: ContentFinding, all: readonly ContentFinding[]): PlacedReplica | null {
  // What one snapshot holds wrongly says nothing of another.
  const comparable = (other: ContentFinding): boolean =>
    finding.phase === 'snapshot'
      ? other.phase === 'snapshot' && other.content === finding.content
      : other.phase !== 'snapshot';
  const alone = all.filter((other) => other.replicas.length === 1 && comparable(other));
  const guilty = alone.filter(({ replicas, wrongMibs }) => {
    const wrong = new Set(wrongMibs);
    return finding.replicas.includes(replicas[0] ?? '') && finding.wrongMibs.every((mib) => wrong.has(mib));
  });
  return guilty.length === 1 ? (guilty[0]?.blamed ?? null) : null;
}

/**
 * Whoever alone shows right, from then on, what was wrong with others was not the one that showed it. The content need not be
 * the same, only what it has there; of a snapshot it must be.
 */
function blameByElimination(
  { phase, passes, content, replicas, wrongMibs }: ContentFinding,
  events: readonly RunEvent[],
  judged: readonly JudgedPass[],
): PlacedReplica | null {
  const wanted = expectations(events).get(content)?.mibSha256;
  const isSeen = ({ pass }: JudgedPass): boolean =>
    pass.phase === phase && contentOf(pass) === content && passes.includes(pass.index);
  const sinceMs = Math.min(...judged.filter(isSeen).map(({ pass }) => pass.tMs));
  const isRight = ({ pass, outcome }: JudgedPass): boolean =>
    outcome !== 'no-result' &&
    pass.tMs >= sinceMs &&
    (phase === 'snapshot' || pass.phase === 'snapshot' ? pass.phase === phase && contentOf(pass) === content : true) &&
    wrongMibs.every((mib) => wanted?.[mib] !== undefined && pass.fingerprint.mibSha256[mib] === wanted[mib]);
  const innocent = new Set(
    judged.flatMap((seen) => (seen.pass.replicas.length === 1 && isRight(seen) ? seen.pass.replicas : [])),
  );
  const [suspect, ...others] = replicas.filter((replica) => !innocent.has(replica));
  return suspect === undefined || others.length > 0 ? null : placementOf(placements(events), suspect);
}

/** A replica that shows all of it alone need not be the only one: others may hold the same. Elimination says more. */
function blamedWords(blamed: PlacedReplica | null, by: { rebuilt: ReadonlySet<string>; proof: Proof }): string {
  if (blamed === null) return '';
  const who = `${by.rebuilt.has(blamed.replica) ? 'rebuilt ' : ''}replica ${blamed.replica}`;
  return by.proof === 'isolation' ? `, all of which ${who} shows alone` : `, on ${who} by elimination`;
}

type Proof = 'isolation' | 'elimination';

function contentTitle(finding: ContentFinding, by: { rebuilt: ReadonlySet<string>; proof: Proof }): string {
  const { blamed, phase, content, replicas } = finding;
  const what = wrongWords(finding);
  const cause = blamedWords(blamed, by);
  if (phase === 'baseline') return `Wrong before any rebuild${contentWords(content)}: ${what}${cause}`;
  const snapshot = phase === 'snapshot' ? `Snapshot ${content} of ` : '';
  if (blamed !== null && replicas.length === 1) {
    const role = by.rebuilt.has(blamed.replica) ? 'Rebuilt replica' : 'Replica';
    if (snapshot !== '') return `${snapshot}${role.toLowerCase()} ${blamed.replica} on ${diskWords(blamed)}: ${what}`;
    return `${role} ${blamed.replica} on ${diskWords(blamed)} alone${contentWords(content)}: ${what}`;
  }
  if (snapshot !== '') return `${snapshot}${plural(replicas.length, 'replica')} read together: ${what}${cause}`;
  return `Reads ${phaseWords[phase]}${contentWords(content)} by ${plural(replicas.length, 'replica')}: ${what}${cause}`;
}

/** The volume's own data of a later version is no garbage, though nothing expects it there either. */
function foundWords({ wrongByteKind, foundGeneration }: WrongBlock): string {
  return wrongByteKind === 'garbage' && foundGeneration !== undefined
    ? 'hold another version, not an older one'
    : wrongByteWords[wrongByteKind];
}

/** `43 MiB of image data read as zeros; 512 B of written data are torn`. */
export function wrongWords(finding: ContentFinding): string {
  const wordsOf = (block: WrongBlock): string => `of ${rangeClassWords[block.rangeClass]} ${foundWords(block)}`;
  const parts = Object.entries(sumBytes(finding.blocks, wordsOf))
    .sort(([, a = 0], [, b = 0]) => b - a)
    .map(([words, bytes = 0]) => `${formatBytes(bytes)} ${words}`);
  if (parts.length === 0) return `${finding.wrongMibs.length} MiB differ, their content was not extracted`;
  const [first, second, ...rest] = parts;
  const shown = [first, second].filter((part) => part !== undefined).join('; ');
  return rest.length === 0 ? shown : `${shown}; ${rest.length} more kinds`;
}
