import type { RunEvent } from '../../helpers/verdict/events.ts';
import { firstOf } from '../../helpers/verdict/history.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import { formatDuration } from '../../helpers/verdict/quantities.ts';
import { endOf, type Lane, lanesOf, type Mark, marksOf, type Stretch, type Tone } from './lanes.ts';
import { faintColour, gridColour, inkColour, wrongColour, wrongHatchColour } from './palette.ts';
import { element, escapeXml, fitText, svgDocument, textElement, tooltip } from './svg.ts';

const margin = 24;
const gutter = 240;
const plotWidth = 900;
const laneHeight = 34;
const top = 104;

interface Look {
  readonly fill: string;
  readonly stroke: string;
  readonly ink: string;
}

/** Colours of Okabe and Ito; each stretch says in words or by a sign what its colour says. */
const looks: Record<Tone, Look> = {
  good: { fill: '#009e73', stroke: '#007a59', ink: '#ffffff' },
  underway: { fill: '#f2c14e', stroke: '#b58100', ink: inkColour },
  bad: { fill: 'url(#bad)', stroke: wrongHatchColour, ink: '#ffffff' },
  neutral: { fill: '#d7dce1', stroke: '#a9b1ba', ink: inkColour },
  plain: { fill: '#dcebf7', stroke: '#8fb8d8', ink: inkColour },
  open: { fill: '#ffffff', stroke: wrongColour, ink: inkColour },
};

/**
 * SVG: what happened when. Lanes for steps, the volume's robustness, each replica's mode as the engine showed it, and
 * the passes of each phase, right or wrong; vertical lines where a replica was deleted and where a rebuild was proven.
 */
export function drawTimeline(events: readonly RunEvent[]): string {
  const lanes = lanesOf(events);
  const end = endOf(events);
  const scale = (tMs: number): number => gutter + (tMs / end) * plotWidth;
  const bottom = top + lanes.length * laneHeight;
  const { target, longhornVersion, image, seed } = judge(events);
  const where = target === 'embedded' ? 'embedded cluster' : `context ${target}`;
  const subtitle = `${where} · Longhorn ${longhornVersion ?? 'unknown'} · ${image ?? 'unknown'} image · seed ${seed ?? 'unknown'}`;
  const cut = firstOf(events, 'run-finished') === undefined ? ' · the log ends before the run did' : '';
  const body = [
    defs,
    textElement('Timeline of the rebuild', { x: margin, y: 38, size: 20, bold: true }),
    textElement(`${subtitle} · ${formatDuration(end)}${cut}`, { x: margin, y: 60, size: 13, fill: faintColour }),
    ...axis(end, scale, bottom),
    ...lanes.flatMap((lane, index) => drawLane(lane, top + index * laneHeight, scale)),
    ...drawMarks(marksOf(events), scale, bottom),
  ];
  const title = 'Timeline of the rebuild';
  return svgDocument({ width: gutter + plotWidth + margin * 2, height: bottom + 44, title, body });
}

const defs = element('defs', {}, [
  element(
    'pattern',
    { id: 'bad', width: 7, height: 7, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    [
      element('rect', { width: 7, height: 7, fill: wrongColour }),
      element('rect', { width: 2, height: 7, fill: wrongHatchColour }),
    ],
  ),
]);

function axis(endMs: number, scale: (tMs: number) => number, bottom: number): string[] {
  const step = tickStep(endMs);
  const ticks = Array.from({ length: Math.floor(endMs / step) + 1 }, (_, index) => index * step);
  return ticks.flatMap((tMs) => [
    element('line', {
      x1: scale(tMs),
      x2: scale(tMs),
      y1: top - 6,
      y2: bottom + 6,
      stroke: gridColour,
      'stroke-width': 1,
    }),
    textElement(tickWords(tMs), { x: scale(tMs), y: bottom + 22, size: 11, anchor: 'middle', fill: faintColour }),
  ]);
}

/** 1, 2 or 5 times a power of ten, such that there are about ten ticks. */
function tickStep(endMs: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, endMs / 10)));
  const factor = [1, 2, 5, 10].find((candidate) => endMs / (candidate * power) <= 12) ?? 10;
  return factor * power;
}

function tickWords(tMs: number): string {
  return tMs < 60_000 ? `${Number((tMs / 1000).toFixed(2))} s` : formatDuration(tMs);
}

function drawLane(lane: Lane, y: number, scale: (tMs: number) => number): string[] {
  const middle = y + laneHeight / 2;
  const labelY = lane.detail === '' ? middle + 4 : middle - 1;
  const label = textElement(lane.label, { x: margin, y: labelY, size: 12, bold: true });
  const words = fitText(lane.detail, gutter - margin - 8, 10);
  const detail = textElement(words, { x: margin, y: middle + 11, size: 10, fill: faintColour });
  const line = element('line', { x1: gutter, x2: gutter + plotWidth, y1: middle, y2: middle, stroke: '#eef1f4' });
  const heading = element('g', {}, [tooltip(`${lane.label} ${lane.detail}`), label, detail]);
  return [line, heading, ...lane.stretches.map((stretch) => drawStretch(stretch, lane, y, scale))];
}

function drawStretch(stretch: Stretch, lane: Lane, y: number, scale: (tMs: number) => number): string {
  const x = scale(stretch.fromMs);
  const width = Math.max(2, scale(stretch.toMs) - x);
  const look = looks[stretch.tone];
  const box = { x, y: y + 5, width, height: laneHeight - 10, rx: 3, fill: look.fill, stroke: look.stroke };
  const dash = stretch.tone === 'open' ? { 'stroke-dasharray': '4 3', 'stroke-width': 1.5 } : { 'stroke-width': 0.75 };
  const size = lane.kind === 'pass' ? 13 : 11;
  const words = fitText(stretch.label, width - 8, size);
  const shown = width >= (lane.kind === 'pass' ? 9 : 26);
  const halo = stretch.tone === 'bad' ? { stroke: wrongHatchColour, 'stroke-width': 2.5, 'paint-order': 'stroke' } : {};
  const anchor = lane.kind === 'pass' ? 'middle' : 'start';
  const at = { x: lane.kind === 'pass' ? x + width / 2 : x + 5, y: y + laneHeight / 2 + 4 };
  const text = element('text', { ...at, 'font-size': size, 'text-anchor': anchor, fill: look.ink, ...halo }, [
    escapeXml(words),
  ]);
  return element('g', { class: `${lane.kind} ${stretch.tone}` }, [
    tooltip(stretch.tooltip),
    element('rect', { ...box, ...dash }),
    ...(shown ? [text] : []),
  ]);
}

/** Labels in two rows in turn, so that neighbours do not cover each other. */
function drawMarks(marks: readonly Mark[], scale: (tMs: number) => number, bottom: number): string[] {
  return marks.flatMap(({ tMs, label }, index) => {
    const x = scale(tMs);
    const y = top - 24 + (index % 2) * 14;
    const right = x > gutter + plotWidth - 150;
    return [
      element('line', {
        x1: x,
        x2: x,
        y1: y + 3,
        y2: bottom,
        stroke: inkColour,
        'stroke-width': 1,
        'stroke-dasharray': '2 3',
      }),
      textElement(label, { x: right ? x - 4 : x + 4, y, size: 11, anchor: right ? 'end' : 'start' }),
    ];
  });
}
