import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { compareVersions } from './version-order.ts';
import { z } from 'zod';
import { inParallel } from '../command-line/parallel.ts';
import { runTool, verdictOfRun } from '../verify/child.ts';
import { matrixPage } from './page.ts';
import { type MatrixRequest, versionFlags } from './request.ts';
import { makeRow, type MatrixRow, matrixRowSchema } from './row.ts';

export interface MatrixHooks {
  readonly signal: AbortSignal;
  readonly onRow: (row: MatrixRow) => void;
}

/** Runs every version and answers with the rows, oldest release first; table and page are written as they grow. */
export async function runMatrix(request: MatrixRequest, hooks: MatrixHooks): Promise<readonly MatrixRow[]> {
  const outDir = resolve(request.outDir);
  await mkdir(outDir, { recursive: true });
  const earlier = request.earlierRows === 'kept' ? await earlierRows(outDir) : [];
  let rows = earlier.filter(({ version }) => !request.versions.includes(version));
  await inParallel(request.versions, request.parallel, async (version) => {
    if (hooks.signal.aborted) return;
    const row = await runVersion(version, request, { runDir: join(outDir, version), signal: hooks.signal });
    rows = [...rows, row].sort((a, b) => compareVersions(a.version, b.version));
    await writeFile(join(outDir, 'matrix.json'), `${JSON.stringify(rows, null, 2)}\n`);
    await writeFile(join(outDir, 'index.html'), matrixPage(rows, outDir));
    hooks.onRow(row);
  });
  return rows;
}

export async function runVersion(
  version: string,
  request: Pick<MatrixRequest, 'target' | 'verifyFlags' | 'expected' | 'timeoutMs'>,
  { runDir, signal }: { runDir: string; signal: AbortSignal },
): Promise<MatrixRow> {
  const flags = [...request.verifyFlags, ...versionFlags(request.target, version)];
  await rm(runDir, { recursive: true, force: true });
  const startedMs = Date.now();
  const ended = await runTool({
    tool: 'verify',
    flags,
    outDir: runDir,
    timeoutMs: request.timeoutMs,
    outputFile: join(runDir, 'output.txt'),
    signal,
  });
  return makeRow({
    version,
    target: request.target,
    run: await verdictOfRun(runDir),
    ended,
    expected: request.expected.get(version),
    durationMs: Date.now() - startedMs,
    replay: `npm run verify -- ${flags.join(' ')}`,
  });
}

async function earlierRows(outDir: string): Promise<readonly MatrixRow[]> {
  const text = await readFile(join(outDir, 'matrix.json'), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '[]';
    throw error;
  });
  return z.array(matrixRowSchema).parse(JSON.parse(text));
}
