/** What Go says about a string that is no time or no base64; undefined when it is one. */

// The pieces of time.RFC3339 in the order in which they are read (go:src/time/format.go@go1.26).
const timePieces: readonly (readonly [layout: string, form: RegExp])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
  ['05', /^\d\d(?:[.,]\d+)?/],
  ['Z07:00', /^(?:Z|[+-]\d\d:\d\d)/],
];

const ranges: readonly (readonly [layout: string, name: string, least: number, most: number])[] = [
  ['01', 'month', 1, 12],
  ['02', 'day', 1, 31],
  ['15', 'hour', 0, 23],
  ['04', 'minute', 0, 59],
  ['05', 'second', 0, 59],
];

export function timeFault(text: string): string | undefined {
  const shown = JSON.stringify(text);
  let rest = text;
  for (const [layout, form] of timePieces) {
    const [piece] = form.exec(rest) ?? [];
    if (piece === undefined)
      return `parsing time ${shown} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(layout)}`;
    const range = ranges.find(([of]) => of === layout);
    if (range !== undefined && (Number.parseInt(piece, 10) < range[2] || Number.parseInt(piece, 10) > range[3])) {
      return `parsing time ${shown}: ${range[1]} out of range`;
    }
    rest = rest.slice(piece.length);
  }
  return rest === '' ? undefined : `parsing time ${shown}: extra text: ${JSON.stringify(rest)}`;
}

/** As encoding/base64's StdEncoding finds the first wrong byte (go:src/encoding/base64/base64.go@go1.26 decodeQuantum). */
export function base64Fault(text: string): string | undefined {
  const at = base64FaultAt(text.replace(/[\r\n]/g, ''));
  return at === undefined ? undefined : `illegal base64 data at input byte ${at}`;
}

function base64FaultAt(text: string): number | undefined {
  for (let start = 0; start < text.length; start += 4) {
    const quantum = text.slice(start, start + 4);
    const odd = quantum.search(/[^A-Za-z0-9+/]/);
    if (odd === -1 && quantum.length === 4) continue;
    if (odd === -1) return start;
    if (quantum.charAt(odd) !== '=' || odd < 2) return start + odd;
    if (odd === 2 && quantum.length < 4) return text.length;
    if (odd === 2 && quantum.charAt(3) !== '=') return start + 3;
    return start + 4 < text.length ? start + 4 : undefined;
  }
  return undefined;
}
