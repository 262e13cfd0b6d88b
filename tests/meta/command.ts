import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunVerdict, Verdict } from '../../helpers/verdict/verdict.ts';
import * as child from '../../scripts/verify/child.ts';

export { toolEnvironment } from '../../scripts/verify/child.ts';

export type CommandResult = child.ToolResult;

/** Runs a command line tool of this project as a child process, as a user would, with its reports in a new folder. */
export async function runTool(
  tool: child.ToolOptions['tool'],
  flags: readonly string[],
  options: Partial<Pick<child.ToolOptions, 'timeoutMs' | 'environment'>> = {},
): Promise<CommandResult> {
  const outDir = await mkdtemp(join(tmpdir(), 'verifier-meta-'));
  return child.runTool({ timeoutMs: 800_000, ...options, tool, flags, outDir });
}

/** The verdict of the run's story of one image format, as the run left it. */
export async function verdictOf(result: CommandResult, image: 'raw' | 'qcow2'): Promise<Verdict> {
  const { verdicts } = JSON.parse(await readFile(join(result.outDir, 'verdict.json'), 'utf8')) as RunVerdict;
  const found = verdicts.find((verdict) => verdict.image === image);
  if (found === undefined)
    throw new Error(`no verdict of a story with a ${image} image in ${result.outDir}:\n${result.stdout}`);
  return found;
}
