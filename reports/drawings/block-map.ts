import type { RangeClass, WrongByteKind } from '../../helpers/oracle/plan.ts';
import { formatBytes, plural } from '../../helpers/verdict/quantities.ts';
import { rangeClassWords, wrongByteWords } from '../../helpers/verdict/words.ts';
import { blockMapLegend, legendHeight } from './block-map-legend.ts';
import {
  faintColour,
  gridColour,
  rangeClassColours,
  wrongByteLetters,
  wrongColour,
  wrongHatchColour,
} from './palette.ts';
import { element, escapeXml, fitText, svgDocument, textElement, tooltip } from './svg.ts';

/** What one MiB of the device should hold, in bytes per range class. */
export type CellContent = ReadonlyMap<RangeClass, number>;

/** What passes said about the device, as seen from one set of replicas. */
export interface BlockMapPanel {
  readonly title: string;
  readonly subtitle: string;
  readonly passes: number;
  /** For each wrong MiB, in how many of the passes it was wrong, and what was found there where it was extracted. */
  readonly wrong: ReadonlyMap<number, { readonly passes: number; readonly kinds: ReadonlySet<WrongByteKind> }>;
}

export interface BlockMapOptions {
  readonly title: string;
  readonly subtitle: string;
  /** One entry per MiB of the volume. */
  readonly cells: readonly CellContent[];
  readonly panels: readonly BlockMapPanel[];
}

const margin = 24;
const gutter = 64;
const gridWidth = 880;
const largestMap = 4096;

/** One cell, which is one MiB, or a power of two of them where the volume has more than 4096 MiB. */
interface Cell {
  readonly first: number;
  readonly last: number;
  readonly content: CellContent;
}

/** SVG: the device as a grid of one cell per MiB, a panel for each view of it, and a legend with the sums. */
export function drawBlockMap({ title, subtitle, cells, panels }: BlockMapOptions): string {
  const grouped = groupCells(cells);
  const grid = gridFor(grouped.length);
  const panelHeight = 52 + grid.rows * grid.cellSize + 22;
  const legendTop = 78 + panels.length * panelHeight;
  const kinds = new Set(panels.flatMap(({ wrong }) => [...wrong.values()].flatMap((cell) => [...cell.kinds])));
  const unit =
    grouped.length === cells.length
      ? 'one cell is 1 MiB'
      : `one cell is ${plural((grouped[0]?.last ?? 0) + 1, 'MiB', 'MiB')}`;
  const body = [
    style,
    hatch,
    textElement(title, { x: margin, y: 38, size: 20, bold: true }),
    textElement(`${subtitle} · ${unit}`, { x: margin, y: 60, size: 13, fill: faintColour }),
    ...panels.map((panel, index) =>
      element('g', { transform: `translate(${margin} ${78 + index * panelHeight})`, class: 'panel' }, [
        ...panelHead(panel, cells.length),
        ...rowLabels(grouped, grid),
        ...grouped.map((cell, at) => drawCell(cell, panel, place(at, grid))),
      ]),
    ),
    element('g', { transform: `translate(${margin} ${legendTop})`, class: 'legend' }, blockMapLegend({ cells, kinds })),
  ];
  const width = margin * 2 + gutter + gridWidth;
  return svgDocument({ width, height: legendTop + legendHeight(cells, kinds) + margin, title, body });
}

const style = element('style', {}, [
  `.cell{stroke:${gridColour};stroke-width:.5}` +
    `.mark{fill:url(#wrong);stroke:${wrongHatchColour};stroke-width:.75}` +
    `.kind{fill:#fff;stroke:${wrongHatchColour};stroke-width:2.5;paint-order:stroke;font-weight:bold;text-anchor:middle}`,
]);

const hatch = element('defs', {}, [
  element(
    'pattern',
    { id: 'wrong', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    [
      element('rect', { width: 6, height: 6, fill: wrongColour }),
      element('rect', { width: 1.2, height: 6, fill: wrongHatchColour }),
    ],
  ),
]);

interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly cellSize: number;
}

/** A power of two of columns, so that rows begin at round offsets, and cells as large as the width allows. */
function gridFor(count: number): Grid {
  const columns = count <= 128 ? 16 : count <= 1024 ? 32 : count <= 2048 ? 64 : 128;
  const cellSize = Math.min(26, gridWidth / columns);
  return { columns, rows: Math.max(1, Math.ceil(count / columns)), cellSize };
}

function place(index: number, { columns, cellSize }: Grid): { x: number; y: number; size: number } {
  return { x: gutter + (index % columns) * cellSize, y: 52 + Math.floor(index / columns) * cellSize, size: cellSize };
}

function groupCells(cells: readonly CellContent[]): Cell[] {
  let mibsPerCell = 1;
  while (cells.length / mibsPerCell > largestMap) mibsPerCell *= 2;
  return Array.from({ length: Math.ceil(cells.length / mibsPerCell) }, (_, index) => {
    const first = index * mibsPerCell;
    const last = Math.min(first + mibsPerCell, cells.length) - 1;
    const content = new Map<RangeClass, number>();
    for (const cell of cells.slice(first, last + 1)) {
      for (const [rangeClass, bytes] of cell) content.set(rangeClass, (content.get(rangeClass) ?? 0) + bytes);
    }
    return { first, last, content };
  });
}

function panelHead({ title, subtitle, wrong }: BlockMapPanel, count: number): string[] {
  const state = wrong.size === 0 ? subtitle : `${wrong.size} of ${count} MiB wrong · ${subtitle}`;
  return [
    textElement(fitText(title, gridWidth, 15), { x: gutter, y: 22, size: 15, bold: true }),
    textElement(fitText(state, gridWidth), {
      x: gutter,
      y: 41,
      size: 12,
      fill: wrong.size === 0 ? faintColour : wrongColour,
    }),
  ];
}

function rowLabels(cells: readonly Cell[], grid: Grid): string[] {
  const every = Math.max(1, Math.ceil(16 / grid.cellSize));
  return cells.flatMap(({ first }, index) => {
    if (index % (grid.columns * every) !== 0) return [];
    const { y, size } = place(index, grid);
    return [
      textElement(`${first} MiB`, { x: gutter - 8, y: y + size / 2 + 4, size: 11, anchor: 'end', fill: faintColour }),
    ];
  });
}

function drawCell(cell: Cell, panel: BlockMapPanel, { x, y, size }: { x: number; y: number; size: number }): string {
  const gap = size > 8 ? 1 : 0.5;
  const side = size - gap;
  const [dominant, second] = [...cell.content].sort(([, a], [, b]) => b - a).map(([rangeClass]) => rangeClass);
  const shapes = [
    element('rect', { x, y, width: side, height: side, fill: rangeClassColours[dominant ?? 'beyond-image'] }),
  ];
  if (second !== undefined && size >= 8) shapes.push(corner(x + side, y, side * 0.45, rangeClassColours[second]));
  const wrong = wrongIn(cell, panel);
  if (wrong.passes > 0)
    shapes.push(...wrongMark({ x, y, side, share: wrong.passes / panel.passes, kinds: wrong.kinds }));
  const classes = ['cell', dominant ?? 'beyond-image', ...(wrong.passes > 0 ? ['wrong', ...wrong.kinds] : [])];
  return element('g', { class: classes.join(' ') }, [tooltip(cellWords(cell, panel, wrong)), ...shapes]);
}

/** A triangle in the upper right: another class has a part of this MiB. */
function corner(right: number, top: number, side: number, fill: string): string {
  return element('path', {
    d: `M${right - side} ${top}H${right}V${top + side}Z`,
    fill,
    stroke: '#ffffff',
    'stroke-width': 0.5,
  });
}

function wrongIn({ first, last }: Cell, { wrong }: BlockMapPanel): { passes: number; kinds: Set<WrongByteKind> } {
  const kinds = new Set<WrongByteKind>();
  let passes = 0;
  for (let at = first; at <= last; at += 1) {
    const found = wrong.get(at);
    passes = Math.max(passes, found?.passes ?? 0);
    found?.kinds.forEach((kind) => kinds.add(kind));
  }
  return { passes, kinds };
}

/** Filled from below, as high as the share of passes in which the cell was wrong, with the kind's letter. */
function wrongMark(options: {
  x: number;
  y: number;
  side: number;
  share: number;
  kinds: ReadonlySet<WrongByteKind>;
}): string[] {
  const { x, y, side, share, kinds } = options;
  const inset = side > 8 ? 1.5 : 0;
  const full = side - 2 * inset;
  const height = Math.max(Math.min(full, 3), full * Math.min(1, share));
  const box = { x: x + inset, y: y + side - inset - height, width: full, height };
  const marks = [element('rect', { ...box, class: 'mark' })];
  if (side < 12) return marks;
  const [kind, ...others] = [...kinds];
  const letter = kind === undefined ? '?' : others.length > 0 ? '+' : wrongByteLetters[kind];
  const size = side * 0.58;
  const at = { x: x + side / 2, y: y + side / 2 + size * 0.36 };
  marks.push(element('text', { ...at, class: 'kind', 'font-size': size }, [escapeXml(letter)]));
  return marks;
}

function cellWords(
  cell: Cell,
  panel: BlockMapPanel,
  wrong: { passes: number; kinds: ReadonlySet<WrongByteKind> },
): string {
  const where = cell.first === cell.last ? `MiB ${cell.first}` : `MiB ${cell.first} to ${cell.last}`;
  const holds = [...cell.content]
    .sort(([, a], [, b]) => b - a)
    .map(([rangeClass, bytes]) => `${formatBytes(bytes)} of ${rangeClassWords[rangeClass]}`);
  const lines = [`${where}: ${holds.join(', ')}`];
  if (wrong.passes > 0) {
    const kinds = [...wrong.kinds].map((kind) => wrongByteWords[kind]).join(', ') || 'not extracted';
    lines.push(`wrong in ${wrong.passes} of ${plural(panel.passes, 'pass', 'passes')}: bytes that ${kinds}`);
  } else if (panel.passes > 0) {
    lines.push(`right in ${plural(panel.passes, 'pass', 'passes')}`);
  }
  return lines.join('\n');
}
