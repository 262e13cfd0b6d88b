import { parseInteger, quoted } from './go-words.ts';
import type { Parsed } from './go-words.ts';

const lastCpu = 1023;

/**
 * A CPU mask as it is stored: a hexadecimal one stays as it is, a list such as `0-2,5` becomes one.
 * Source: longhorn-manager:types/setting.go NormalizeCPUMask@v1.12.0, v1.12.1.
 */
export function cpuMask(text: string): Parsed<string> {
  const value = text.trim();
  if (value === '') return { fault: 'CPU mask value is empty' };
  return /^0[xX]/.test(value) ? hexMask(value) : listMask(value);
}

function hexMask(value: string): Parsed<string> {
  const digits = value.slice(2);
  if (digits === '') return { fault: `invalid hex CPU mask ${quoted(value)}: missing hex digits after prefix` };
  const tooMany = `CPU mask ${quoted(value)} exceeds maximum supported CPU ${String(lastCpu)}`;
  if (digits.length > (lastCpu + 1) / 4) return { fault: tooMany };
  const odd = [...digits].find((character) => !/[0-9a-fA-F]/.test(character));
  if (odd !== undefined)
    return { fault: `invalid hex CPU mask ${quoted(value)}: contains non-hex character ${quoted(odd)}` };
  if (BigInt(value) === 0n) return { fault: `CPU mask ${quoted(value)} is zero, at least one CPU must be selected` };
  return { value };
}

function listMask(text: string): Parsed<string> {
  const list = text.replaceAll(/[()]/g, '').trim();
  if (list === '') return { fault: 'CPU list is empty' };
  let mask = 0n;
  for (const entry of list.split(',').map((part) => part.trim())) {
    if (entry === '') return { fault: `invalid CPU list ${quoted(list)}: empty CPU entry` };
    const range = cpuRange(entry);
    if ('fault' in range) return range;
    for (let cpu = range.value[0]; cpu <= range.value[1]; cpu++) mask |= 1n << BigInt(cpu);
  }
  return { value: `0x${mask.toString(16)}` };
}

function cpuRange(entry: string): Parsed<[number, number]> {
  const isRange = entry.includes('-');
  const [first = '', ...rest] = entry.split('-');
  const ends: number[] = [];
  for (const end of isRange ? [first, rest.join('-')] : [entry]) {
    const read = parseInteger(end.trim());
    if ('fault' in read)
      return { fault: `invalid CPU number ${quoted(end)}${isRange ? ` in range ${quoted(entry)}` : ''}` };
    ends.push(read.value);
  }
  const outside = ends.find((cpu) => cpu < 0 || cpu > lastCpu);
  if (outside !== undefined)
    return { fault: `CPU number ${String(outside)} is out of valid range (0-${String(lastCpu)})` };
  const [from = 0, to = from] = ends;
  if (from > to) return { fault: `invalid CPU range ${quoted(entry)}: start (${String(from)}) > end (${String(to)})` };
  return { value: [from, to] };
}
