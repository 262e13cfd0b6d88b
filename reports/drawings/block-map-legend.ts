import type { RangeClass, WrongByteKind } from '../../helpers/oracle/plan.ts';
import { formatBytes } from '../../helpers/verdict/quantities.ts';
import { rangeClassWords, wrongByteWords } from '../../helpers/verdict/words.ts';
import type { CellContent } from './block-map.ts';
import { faintColour, gridColour, rangeClassColours, wrongByteLetters, wrongHatchColour } from './palette.ts';
import { element, textElement } from './svg.ts';

interface LegendOptions {
  readonly cells: readonly CellContent[];
  readonly kinds: ReadonlySet<WrongByteKind>;
}

const rowHeight = 22;
const columnWidth = 296;
const columns = 3;
const left = 64;

/** What the colours and letters mean, with how much of each class the volume holds. */
export function blockMapLegend({ cells, kinds }: LegendOptions): string[] {
  const entries = [...classEntries(cells), ...wrongEntries(kinds)];
  return entries.map(({ swatch, words }, index) => {
    const x = left + (index % columns) * columnWidth;
    const y = 8 + Math.floor(index / columns) * rowHeight;
    return element('g', { transform: `translate(${x} ${y})` }, [
      ...swatch,
      textElement(words, { x: 24, y: 12, size: 12 }),
    ]);
  });
}

export function legendHeight(cells: readonly CellContent[], kinds: ReadonlySet<WrongByteKind>): number {
  return Math.ceil((classEntries(cells).length + wrongEntries(kinds).length) / columns) * rowHeight + 8;
}

interface Entry {
  readonly swatch: readonly string[];
  readonly words: string;
}

function classEntries(cells: readonly CellContent[]): Entry[] {
  const sums = new Map<RangeClass, number>();
  for (const cell of cells) {
    for (const [rangeClass, bytes] of cell) sums.set(rangeClass, (sums.get(rangeClass) ?? 0) + bytes);
  }
  const present = Object.keys(rangeClassColours).filter((name): name is RangeClass => sums.has(name as RangeClass));
  return [
    ...present.map((rangeClass) => ({
      swatch: [square(rangeClassColours[rangeClass])],
      words: `${rangeClassWords[rangeClass]} (${formatBytes(sums.get(rangeClass) ?? 0)})`,
    })),
    {
      swatch: [square('#ffffff'), element('path', { d: 'M7 0H16V9Z', fill: faintColour })],
      words: 'corner: another class in the same MiB',
    },
  ];
}

function wrongEntries(kinds: ReadonlySet<WrongByteKind>): Entry[] {
  const letters = [...kinds].map((kind) => `${wrongByteLetters[kind]}: ${wrongByteWords[kind]}`);
  const words = kinds.size === 0 ? ['wrong; none here'] : letters;
  return [
    ...words.map((text) => ({ swatch: [square('url(#wrong)', wrongHatchColour)], words: text })),
    ...(kinds.size === 0
      ? []
      : [
          {
            swatch: [
              square('#ffffff'),
              element('rect', { y: 8, width: 16, height: 8, fill: 'url(#wrong)', stroke: wrongHatchColour }),
            ],
            words: 'height: share of wrong passes',
          },
        ]),
  ];
}

function square(fill: string, stroke = gridColour): string {
  return element('rect', { width: 16, height: 16, fill, stroke, 'stroke-width': 0.75 });
}
