/** What each of the user's snapshots holds on each replica, as a small table: right, wrong, or never read. */
import type { SnapshotReading } from '../../helpers/verdict/verdict.ts';
import { shortReplica } from '../../helpers/verdict/words.ts';
import { faintColour, gridColour, inkColour, rangeClassColours, wrongColour } from './palette.ts';
import { element, fitText, svgDocument, textElement, tooltip } from './svg.ts';

const nameWidth = 150;
const cellWidth = 230;
const rowHeight = 34;
const margin = 16;
const headHeight = 86;

const columns: Record<SnapshotReading['reader'], string> = {
  together: 'first replicas together',
  source: 'source of the rebuild alone',
  rebuilt: 'rebuilt replica alone',
};
const readers = Object.keys(columns) as SnapshotReading['reader'][];

export function drawSnapshotTable(readings: readonly SnapshotReading[], subtitle: string): string {
  const snapshots = [...new Set(readings.map(({ snapshot }) => snapshot))];
  const width = margin * 2 + nameWidth + readers.length * cellWidth;
  const height = headHeight + snapshots.length * rowHeight + margin;
  const title = 'Snapshots, on each replica';
  const head = [
    textElement(title, { x: margin, y: 28, size: 18, bold: true }),
    textElement(fitText(subtitle, width - 2 * margin), { x: margin, y: 48, fill: faintColour }),
    ...readers.map((reader, index) =>
      textElement(columns[reader], { x: cellX(index) + 8, y: headHeight - 10, bold: true }),
    ),
  ];
  const rows = snapshots.flatMap((snapshot, row) => {
    const y = headHeight + row * rowHeight;
    const of = readings.filter((reading) => reading.snapshot === snapshot);
    return [
      textElement(snapshot, { x: margin, y: y + 22, bold: true }),
      ...readers.flatMap((reader, index) =>
        of.filter((one) => one.reader === reader).map((one) => cell(one, index, y)),
      ),
    ];
  });
  return svgDocument({ width, height, title, body: [...head, ...rows] });
}

function cellX(index: number): number {
  return margin + nameWidth + index * cellWidth;
}

function cell(reading: SnapshotReading, index: number, y: number): string {
  const { passes, right, replicas, object, snapshot } = reading;
  const state = passes === 0 ? 'not-read' : right === passes ? 'right' : 'wrong';
  const fill = { 'not-read': '#ffffff', right: rangeClassColours['written-zeros'], wrong: wrongColour }[state];
  const text = {
    'not-read': 'never read',
    right: `right, ${String(passes)} of ${String(passes)}`,
    wrong: `WRONG, ${String(passes - right)} of ${String(passes)}`,
  }[state];
  const names = replicas.map(shortReplica).join(', ');
  const box = { x: cellX(index), y: y + 2, width: cellWidth - 4, height: rowHeight - 4, fill, stroke: gridColour };
  return element('g', { class: `reading ${state}` }, [
    tooltip(`snapshot ${object ?? snapshot}: ${text} passes${names === '' ? '' : `, by ${replicas.join(', ')}`}`),
    element('rect', box),
    textElement(fitText(`${text}${names === '' ? '' : `  ${names}`}`, cellWidth - 20), {
      x: cellX(index) + 8,
      y: y + 22,
      fill: state === 'wrong' ? '#ffffff' : inkColour,
      bold: state === 'wrong',
    }),
  ]);
}
