/**
 * `npm run bench`: what one pass of the probe costs, next to how Longhorn's tests read a device today, next to
 * `dd | sha256sum`, and next to what the machine allows. All of it in one run, on one device, in alternating rounds.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { provisionedBytes } from '../helpers/longhorn/volume-size.ts';
import { mibBytes } from '../helpers/oracle/geometry.ts';
import { makePlan } from '../helpers/oracle/make-plan.ts';
import { createOracle } from '../helpers/oracle/oracle.ts';
import { probeFiles } from '../helpers/probe/bundle.ts';
import { contenders } from './bench/contenders.ts';
import { fillFile, makeDevice } from './bench/device.ts';
import { printRatios, printTable, rowOf } from './bench/table.ts';
import { type CommandHelp, helpText, parseFlags } from './command-line/flags.ts';
import { parseVolumeSize } from './command-line/size.ts';
import { runCommand } from './command-line/usage-error.ts';

const help: CommandHelp = {
  summary:
    'Measures one pass of the probe side by side with the upstream way, with dd | sha256sum and with the limit.\n' +
    'Reads a loop device where it may make one (root), a file otherwise.',
  usage: 'npm run bench -- [flags]',
  flags: {
    size: { value: 'SIZE', text: 'of the device (default 500Mi)' },
    rounds: { value: 'N', text: 'measurements of each, alternating (default 5)' },
    'cold-disk': {
      text: 'let the loop device read the disk directly (default: from memory, so that readers are compared, not disks)',
    },
    directory: { value: 'DIR', text: 'where the device file goes (default reports/out)' },
  },
  examples: ['npm run bench', 'npm run bench -- --size 2Gi --rounds 3'],
};

async function bench(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, help);
  if (flags.given('help')) {
    console.log(helpText(help));
    return 0;
  }
  const volumeSizeBytes = provisionedBytes(parseVolumeSize('--size', flags.text('size') ?? '500Mi'));
  const rounds = flags.integer('rounds', { min: 1, max: 100 }) ?? 5;
  const parent = resolve(flags.text('directory') ?? 'reports/out');
  const plan = makePlan({ seed: 'bench', imageFormat: 'raw', volumeSizeBytes, replicaCount: 2, reads: 1 });
  const oracle = createOracle(plan);
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'bench-'));
  try {
    for (const [name, content] of Object.entries(await probeFiles(plan, oracle.fingerprint()))) {
      writeFileSync(join(directory, name), content);
    }
    fillFile(join(directory, 'device'), oracle);
    const device = await makeDevice(join(directory, 'device'), flags.given('cold-disk') ? 'disk' : 'memory');
    try {
      console.log(
        `${volumeSizeBytes / mibBytes} MiB on a ${device.kind}, ${availableParallelism()} cores, Node ${process.version}, ${rounds} rounds, medians\n`,
      );
      const all = contenders(directory, device, oracle).map((contender) => ({ ...contender, samples: [] as number[] }));
      for (let round = 0; round < rounds; round++) {
        for (const contender of all) contender.samples.push(await contender.measure());
      }
      const rows = all.map(({ name, samples }) => rowOf(name, samples));
      printTable(rows, volumeSizeBytes);
      printRatios(rows);
    } finally {
      await device.remove();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return 0;
}

await runCommand('bench', () => bench(process.argv.slice(2)));
