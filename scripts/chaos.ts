/** `npm run chaos`: the suite through a chaos proxy, seed after seed. Exit codes: see `--help`. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ordeals } from '../tests/chaos/ordeals.ts';
import { type OrdealResult, runOrdeal } from '../tests/chaos/run-ordeal.ts';
import { type CommandHelp, helpText, parseFlags } from './command-line/flags.ts';
import { parseOutDir } from './command-line/out-dir.ts';
import { interruption } from './command-line/parallel.ts';
import { runCommand, UsageError } from './command-line/usage-error.ts';
import { startEmbeddedProcess } from './verify/embedded-process.ts';

const names = ordeals.map(({ name }) => name);

const help: CommandHelp = {
  summary:
    'Runs the suite through a proxy that breaks connections, watches and exec streams, evicts pods and kills the run, against\n' +
    'one embedded cluster. Each run must end in the right verdict, and leave the cluster as it was.\n' +
    'Exit codes: 0 no objection, 1 some, 64 wrong usage.',
  usage: 'npm run chaos -- [flags]',
  flags: {
    seeds: { value: 'N', text: 'how many seeds each ordeal runs at (default 1)' },
    from: { value: 'N', text: 'number of the first seed (default 1)' },
    only: { value: 'NAME,…', text: `only these: ${names.join(', ')}` },
    list: { text: 'say what each ordeal is, and run nothing' },
    out: { value: 'DIR', text: 'where runs and results go (default reports/out/chaos)' },
  },
  examples: ['npm run chaos -- --seeds 20', 'npm run chaos -- --only killed --seeds 1 --from 7'],
};

await runCommand('chaos', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(help));
    return 0;
  }
  const flags = parseFlags(argv, help);
  const only = flags.text('only')?.split(',') ?? names;
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`no ordeal "${unknown}"; there are ${names.join(', ')}`);
  const chosen = ordeals.filter(({ name }) => only.includes(name));
  if (flags.given('list')) {
    for (const { name, what, allowed } of chosen) console.log(`${name.padEnd(12)} ${what} → ${allowed.join(' or ')}`);
    return 0;
  }
  const first = flags.integer('from', { min: 1, max: 1_000_000 }) ?? 1;
  const count = flags.integer('seeds', { min: 1, max: 10_000 }) ?? 1;
  const seeds = Array.from({ length: count }, (_, index) => `s${String(first + index)}`);
  const results = await soak(chosen, { seeds, outDir: resolve(parseOutDir(flags) ?? 'reports/out/chaos') });
  const bad = results.filter(({ objections }) => objections.length > 0);
  console.log(`\n${String(results.length - bad.length)} of ${String(results.length)} without objection`);
  return bad.length === 0 && results.length === chosen.length * seeds.length ? 0 : 1;
});
process.exit();

async function soak(
  chosen: typeof ordeals,
  { seeds, outDir }: { seeds: readonly string[]; outDir: string },
): Promise<readonly OrdealResult[]> {
  const signal = interruption();
  const cluster = await startEmbeddedProcess({ flags: ['--seed', 'chaos'], outlive: false });
  const results: OrdealResult[] = [];
  try {
    for (const seed of seeds) {
      for (const ordeal of chosen) {
        if (signal.aborted) return results;
        const { kubeconfig: kubeconfigPath, context } = cluster;
        const runDir = join(outDir, `${ordeal.name}-${seed}`);
        const result = await runOrdeal(ordeal, { seed, kubeconfigPath, context, outDir: runDir });
        results.push(result);
        console.log(resultText(result));
        await writeFile(join(outDir, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
      }
    }
    return results;
  } finally {
    await cluster.stop();
  }
}

function resultText({ ordeal, seed, verdict, causes, happened, objections }: OrdealResult): string {
  const troubles = Object.entries(happened).map(([kind, times]) => `${kind} ${String(times)}`);
  const head = `${objections.length === 0 ? 'ok ' : 'BAD'} ${ordeal.padEnd(12)} ${seed.padEnd(5)} ${verdict.padEnd(13)} ${troubles.join(', ')}`;
  const [cause] = causes;
  return [
    head,
    ...(cause === undefined ? [] : [`      ${cause.split('\n')[0] ?? ''}`]),
    ...objections.map((line) => `    ! ${line}`),
  ].join('\n');
}
