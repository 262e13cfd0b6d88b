import { styleText } from 'node:util';

export type Style = 'good' | 'bad' | 'doubtful' | 'faint';

/** Colours for a terminal. Whether to use them is the caller's decision, so the text alone must say everything. */
export const styles: Record<Style, (text: string) => string> = {
  good: paint(['bold', 'green']),
  bad: paint('red'),
  doubtful: paint('yellow'),
  faint: paint('dim'),
};

function paint(format: Parameters<typeof styleText>[0]): (text: string) => string {
  return (text) => styleText(format, text, { validateStream: false });
}

/** A terminal, and nobody asked for plain text (https://no-color.org). */
export function usesColour(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR } = process.env;
  return stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '');
}
