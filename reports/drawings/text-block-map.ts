import { wrongByteWords } from '../../helpers/verdict/words.ts';
import type { BlockMapPanel } from './block-map.ts';
import { wrongByteLetters } from './palette.ts';

const columns = 64;
const largestMap = 4096;

/**
 * A panel of the block map in characters, for places that show no pictures: one per MiB (or a power of two of them, above
 * 4096), `.` right, a letter for what was found instead, `#` wrong and not looked into. Ends with what the letters mean.
 */
export function textBlockMap(panel: BlockMapPanel, mibCount: number): string[] {
  let mibsPerCell = 1;
  while (mibCount / mibsPerCell > largestMap) mibsPerCell *= 2;
  const kinds = new Set([...panel.wrong.values()].flatMap((cell) => [...cell.kinds]));
  const cells = Array.from({ length: Math.ceil(mibCount / mibsPerCell) }, (_, index) =>
    character(panel, index * mibsPerCell, mibsPerCell),
  );
  const rows: string[] = [];
  for (let at = 0; at < cells.length; at += columns) {
    rows.push(`${String(at * mibsPerCell).padStart(7)} MiB ${cells.slice(at, at + columns).join('')}`);
  }
  const legend = [...kinds].map((kind) => `${wrongByteLetters[kind]} ${wrongByteWords[kind]}`);
  return [panel.title, panel.subtitle, ...rows, ['. right', ...legend].join(', ')];
}

function character({ wrong }: BlockMapPanel, first: number, count: number): string {
  let found = '.';
  for (let mib = first; mib < first + count; mib += 1) {
    const cell = wrong.get(mib);
    const [kind] = cell?.kinds ?? [];
    if (kind !== undefined) return wrongByteLetters[kind];
    if (cell !== undefined) found = '#';
  }
  return found;
}
