import { mibBytes } from '../../helpers/oracle/geometry.ts';

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** A contender's measurements. */
export interface Row {
  readonly name: string;
  readonly medianSeconds: number;
  readonly spread: string;
  readonly remark: string;
}

const remarks: Readonly<Record<string, string>> = {
  'probe pass': 'direct, 8 × 1 MiB in flight, SHA-256 of the device and of each MiB, compared',
  upstream: 'buffered, 4 KiB, SHA-512, one thread, cold cache',
  'dd | sha256sum': 'direct, 1 MiB, one in flight, SHA-256 of the device',
  'dd alone': 'direct, 1 MiB, to /dev/null',
  'SHA-256 alone': 'openssl speed, one core',
};

export function rowOf(name: string, samples: readonly number[]): Row {
  const spread = `${Math.min(...samples).toFixed(2)} to ${Math.max(...samples).toFixed(2)}`;
  return { name, medianSeconds: median(samples), spread, remark: remarks[name] ?? '' };
}

export function printTable(rows: readonly Row[], sizeBytes: number): void {
  const pass = rows.find(({ name }) => name === 'probe pass')?.medianSeconds ?? NaN;
  const print = (...cells: readonly [string, string, string, string, string, string]): void => {
    const [name, time, spread, rate, ratio, remark] = cells;
    console.log(
      `${name.padEnd(16)}${time.padStart(8)}  ${spread.padEnd(14)}${rate.padStart(8)}${ratio.padStart(10)}  ${remark}`,
    );
  };
  print('', 'seconds', 'spread', 'MiB/s', 'vs pass', '');
  for (const { name, medianSeconds, spread, remark } of rows) {
    const rate = (sizeBytes / mibBytes / medianSeconds).toFixed(0);
    print(name, medianSeconds.toFixed(2), spread, rate, `${(medianSeconds / pass).toFixed(2)}×`, remark);
  }
}

/** The probe's pass against the others, and what is expected of it. */
export function printRatios(rows: readonly Row[]): void {
  const of = (name: string): number => rows.find((row) => row.name === name)?.medianSeconds ?? NaN;
  const limit = Math.max(of('dd alone'), of('SHA-256 alone'));
  const pass = of('probe pass');
  console.log('');
  console.log(
    `The pass is ${(of('upstream') / pass).toFixed(1)} times as fast as the upstream way (expected: 4 or more),`,
  );
  console.log(
    `${(of('dd | sha256sum') / pass).toFixed(2)} times as fast as dd | sha256sum, and reaches ${((limit / pass) * 100).toFixed(0)} % of the limit,`,
  );
  console.log(
    `which is ${of('dd alone') > of('SHA-256 alone') ? 'the device' : 'one core of SHA-256'} (expected: 80 % or more).`,
  );
}
