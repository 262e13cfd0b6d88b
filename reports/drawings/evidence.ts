/** The pictures of one run, drawn from its event log and from nothing else. */
import { createOracle } from '../../helpers/oracle/oracle.ts';
import type { Plan, RangeClass, WrongByteKind } from '../../helpers/oracle/plan.ts';
import { planOfContent } from '../../helpers/oracle/recipe.ts';
import type { PassPhase, RunEvent } from '../../helpers/verdict/events.ts';
import { eventsOf, firstOf, phases, placementOf, placements } from '../../helpers/verdict/history.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import { groupBySource, judgePasses, type JudgedPass } from '../../helpers/verdict/passes.ts';
import { plural } from '../../helpers/verdict/quantities.ts';
import { contentWords, diskWords, phaseWords, shortReplica } from '../../helpers/verdict/words.ts';
import { type BlockMapPanel, type CellContent, drawBlockMap } from './block-map.ts';
import { drawSnapshotTable } from './snapshot-table.ts';
import { textBlockMap } from './text-block-map.ts';
import { drawTimeline } from './timeline.ts';

export interface EvidenceDrawing {
  /** Also the file's name without `.svg`: `block-map-before`, `block-map-after`, `snapshots`, `timeline`. */
  readonly name: string;
  readonly svg: string;
}

const mib = 1024 * 1024;

/**
 * Draws what the log can show: the block maps need a plan, the one after needs a pass after the rebuild, the timeline
 * needs any event at all. Works on a log that was cut anywhere.
 */
export function drawEvidence(events: readonly RunEvent[]): EvidenceDrawing[] {
  if (events.length === 0) return [];
  const drawings: EvidenceDrawing[] = [];
  const plan = firstOf(events, 'plan')?.plan;
  if (plan !== undefined) {
    const cells = cellsOf(plan);
    const panels = panelsOf(events);
    const subtitle = subtitleOf(events, plan);
    const before = panels.filter(({ phase }) => phase === 'baseline');
    const none = { title: 'No baseline pass', subtitle: 'what each MiB should hold', passes: 0, wrong: new Map() };
    drawings.push({
      name: 'block-map-before',
      svg: drawBlockMap({ title: 'Before the rebuild', subtitle, cells, panels: before.length > 0 ? before : [none] }),
    });
    const after = panels.filter(({ phase }) => phase !== 'baseline');
    if (after.length > 0) {
      const lastCells = cellsOf(lastPlan(events, plan));
      const svg = drawBlockMap({ title: 'After the rebuild', subtitle, cells: lastCells, panels: after });
      drawings.push({ name: 'block-map-after', svg });
    }
  }
  const { snapshots } = judge(events);
  if (plan !== undefined && snapshots.length > 0) {
    drawings.push({ name: 'snapshots', svg: drawSnapshotTable(snapshots, subtitleOf(events, plan)) });
  }
  drawings.push({ name: 'timeline', svg: drawTimeline(events) });
  return drawings;
}

/** The block map after the rebuild in characters; empty when the log has no pass after it. */
export function textEvidence(events: readonly RunEvent[]): string[] {
  const plan = firstOf(events, 'plan')?.plan;
  if (plan === undefined) return [];
  const after = panelsOf(events).filter(({ phase }) => phase !== 'baseline');
  const cells = cellsOf(lastPlan(events, plan)).length;
  return after.flatMap((panel, index) => [...(index === 0 ? [] : ['']), ...textBlockMap(panel, cells)]);
}

function subtitleOf(events: readonly RunEvent[], plan: Plan): string {
  const { target, longhornVersion, image } = judge(events);
  const where = target === 'embedded' ? 'embedded cluster' : `context ${target}`;
  return `${where} · Longhorn ${longhornVersion ?? 'unknown'} · ${image ?? plan.image.format} image · seed ${plan.seed}`;
}

/** What the volume under test held when it was read last: it may have grown, or been written to, since the baseline. */
function lastPlan(events: readonly RunEvent[], plan: Plan): Plan {
  const last = eventsOf(events, 'pass').findLast(({ phase }) => phase !== 'bystander' && phase !== 'snapshot');
  const recipe = eventsOf(events, 'content').find((event) => event.recipe.name === last?.content)?.recipe;
  return recipe === undefined ? plan : planOfContent(plan, recipe);
}

function cellsOf(plan: Plan): CellContent[] {
  const cells = Array.from({ length: Math.ceil(plan.volume.sizeBytes / mib) }, () => new Map<RangeClass, number>());
  for (const { offsetBytes, lengthBytes, rangeClass } of createOracle(plan).rangeClassSummary()) {
    const end = offsetBytes + lengthBytes;
    for (let at = Math.floor(offsetBytes / mib); at * mib < end; at += 1) {
      const bytes = Math.min(end, (at + 1) * mib) - Math.max(offsetBytes, at * mib);
      const cell = cells[at];
      cell?.set(rangeClass, (cell.get(rangeClass) ?? 0) + bytes);
    }
  }
  return cells;
}

function isAlone(phase: PassPhase): boolean {
  return phase === 'isolated' || phase === 'source' || phase === 'isolated-second';
}

function panelTitle(phase: PassPhase, content: string, names: readonly string[]): string {
  if (phase === 'snapshot')
    return `Snapshot ${content}${names.length === 1 ? `, alone: ${names.join()}` : ', all replicas'}`;
  const together = names.length === 1 ? `Read alone, ${phaseWords[phase]}` : `All replicas, ${phaseWords[phase]}`;
  const title = isAlone(phase) ? `Read alone: ${names.join(', ')}` : together;
  return `${title}${contentWords(content)}`;
}

/** Isolation first: it decides, the others corroborate. */
const panelOrder: readonly PassPhase[] = [
  'baseline',
  'isolated',
  ...phases.filter((phase) => phase !== 'baseline' && phase !== 'isolated'),
];

function panelsOf(events: readonly RunEvent[]): (BlockMapPanel & { readonly phase: PassPhase })[] {
  const where = placements(events);
  const passes = judgePasses(events).filter(({ outcome }) => outcome !== 'no-result');
  return (
    groupBySource(passes, ({ pass }) => pass)
      .map(({ phase, content, replicas, items }) => {
        const names = replicas.map(
          (replica) => `${shortReplica(replica)} on ${diskWords(placementOf(where, replica))}`,
        );
        const right = items.filter(({ outcome }) => outcome === 'right').length;
        return {
          phase,
          title: panelTitle(phase, content, names),
          subtitle: `${right} of ${plural(items.length, 'pass', 'passes')} right${isAlone(phase) ? '' : ` · ${names.join(', ')}`}`,
          passes: items.length,
          wrong: wrongMibs(events, items),
        };
      })
      // Of snapshots there are many, and a table that tells which are right.
      .filter(({ phase, wrong }) => phase !== 'snapshot' || wrong.size > 0)
      .sort((a, b) => panelOrder.indexOf(a.phase) - panelOrder.indexOf(b.phase))
  );
}

function wrongMibs(events: readonly RunEvent[], passes: readonly JudgedPass[]): BlockMapPanel['wrong'] {
  const wrong = new Map<number, { passes: number; kinds: Set<WrongByteKind> }>();
  for (const pass of passes) {
    if (pass.outcome !== 'wrong') continue;
    for (const at of pass.wrongMibs) {
      const cell = wrong.get(at) ?? { passes: 0, kinds: new Set() };
      cell.passes += 1;
      wrong.set(at, cell);
    }
  }
  const indices = new Set(passes.map(({ pass }) => `${pass.phase} ${pass.index}`));
  const extracted = eventsOf(events, 'wrong-blocks').filter(({ phase, index }) => indices.has(`${phase} ${index}`));
  for (const { offsetBytes, lengthBytes, wrongByteKind } of extracted.flatMap(({ blocks }) => blocks)) {
    for (let at = Math.floor(offsetBytes / mib); at * mib < offsetBytes + lengthBytes; at += 1) {
      wrong.get(at)?.kinds.add(wrongByteKind);
    }
  }
  return wrong;
}
