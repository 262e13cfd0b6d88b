/** `npm run faults`. Exit codes: 0 every live fault caught and no false alarm, 1 otherwise, 64 wrong usage. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { helpText } from './command-line/flags.ts';
import { inParallel, interruption } from './command-line/parallel.ts';
import { runCommand } from './command-line/usage-error.ts';
import { cleanText, runClean } from './faults/clean.ts';
import { detailOf, listText, makeMatrix, matrixText } from './faults/matrix.ts';
import { matrixPage } from './faults/page.ts';
import { matrixTable } from './faults/markdown.ts';
import { type FaultsRequest, faultsHelp, parseFaultsRequest } from './faults/request.ts';
import { type FaultRunResult, runFault } from './faults/run-fault.ts';
import { trapsText } from './faults/traps/all.ts';

/** Small enough for dozens of runs; every range class is there. A rebuild that cannot succeed is not waited for in vain. */
const flags = ['--size', '32Mi', '--reads', '3', '--rebuild-timeout', '60'];
const runTimeoutMs = 300_000;

await runCommand('faults', async () => {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(helpText(faultsHelp));
    return 0;
  }
  const request = parseFaultsRequest(argv);
  if (argv.includes('--list')) {
    console.log(listText());
    return 0;
  }
  if (argv.includes('--traps')) {
    console.log(trapsText());
    return 0;
  }
  return request.clean > 0 ? runAllClean(request) : runAll(request);
});

async function runAllClean({ clean, parallel, outDir: out }: FaultsRequest): Promise<number> {
  const outDir = resolve(out);
  await mkdir(outDir, { recursive: true });
  const results = await runClean({ count: clean, parallel, outDir, signal: interruption() });
  console.log(`\n${cleanText(results)}`);
  return results.length === clean && results.every(({ verdict }) => verdict === 'consistent') ? 0 : 1;
}

async function runAll(request: FaultsRequest): Promise<number> {
  const outDir = resolve(request.outDir);
  await mkdir(outDir, { recursive: true });
  // All faults at one seed before the next: a matrix that is cut off is whole for some seeds.
  const queue = request.seeds.flatMap((seed) => request.faults.map((fault) => ({ fault, seed })));
  const planned = queue.map(({ fault, seed }) => ({ fault: fault.id, seed }));
  const results: FaultRunResult[] = [];
  const write = async (): Promise<ReturnType<typeof makeMatrix>> => {
    const matrix = makeMatrix(results, planned);
    await writeFile(join(outDir, 'matrix.json'), `${JSON.stringify(matrix, null, 2)}\n`);
    await writeFile(join(outDir, 'index.html'), matrixPage(matrix));
    await writeFile(join(outDir, 'table.md'), matrixTable(matrix));
    return matrix;
  };
  const signal = interruption();
  await inParallel(queue, request.parallel, async ({ fault, seed }) => {
    if (signal.aborted) return;
    const runDir = join(outDir, 'runs', `${fault.id}-${seed}`);
    const result = await runFault({
      fault,
      seed,
      outDir: runDir,
      flags: [...flags, ...request.moreFlags],
      timeoutMs: runTimeoutMs,
      signal,
    });
    results.push(result);
    const progress = `${String(results.length)}/${String(queue.length)}`;
    console.log(`${progress.padEnd(7)}${fault.id.padEnd(5)} ${seed} ${result.outcome.padEnd(16)} ${detailOf(result)}`);
    await write();
  });
  const matrix = await write();
  console.log(`\n${matrixText(matrix)}\n\nmatrix  ${join(outDir, 'index.html')}`);
  const asTheCatalogueSays = !request.blind || matrix.blindSurprises.length === 0;
  return matrix.passed && asTheCatalogueSays ? 0 : 1;
}
