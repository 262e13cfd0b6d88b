/** How numbers are written in verdicts and reports: one way, everywhere. */

export const bytesPerMib = 1024 * 1024;

/** `512 B`, `4 KiB`, `43.2 MiB`, `6.8 GiB`: at most one decimal, none when it is whole. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const rounded = Math.round(value * 10) / 10;
  return `${Number.isInteger(rounded) ? rounded : rounded.toFixed(1)} ${units[unit] ?? 'B'}`;
}

/** `340 ms`, `2.4 s`, `3 min 05 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `50 %`, `0.098 %`, `0 %`: two significant digits, and never `0 %` for what can happen. */
export function formatChance(chance: number): string {
  if (chance === 0) return '0 %';
  const percent = chance * 100;
  return percent < 0.001 ? 'below 0.001 %' : `${Number(percent.toPrecision(2))} %`;
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

/** `3`, `5-12`, …: numbers as ascending runs. */
export function numberRuns(numbers: readonly number[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run.last + 1 === number) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs;
}

/** Numbers as `3, 5-12`, at most `limit` runs, then how many more there are. */
export function formatRuns(numbers: readonly number[], limit = 8): string {
  const runs = numberRuns(numbers);
  const shown = runs.slice(0, limit).map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  const left = runs.slice(limit).reduce((sum, run) => sum + run.last - run.first + 1, 0);
  return left === 0 ? shown.join(', ') : `${shown.join(', ')} and ${left} more`;
}
