import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Verdict } from '../../helpers/verdict/verdict.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly outDir: string;
}

/** Runs a command line tool of this project as a child process, as a user would, with its reports in a new folder. */
export async function runTool(
  tool: 'verify' | 'reproduce',
  flags: readonly string[],
  options: { timeoutMs?: number } = {},
): Promise<CommandResult> {
  const outDir = await mkdtemp(join(tmpdir(), 'verifier-meta-'));
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ['--import', 'tsx', join(root, 'scripts', `${tool}.ts`), '--out', outDir, ...flags],
    { cwd: root, reject: false, timeout: options.timeoutMs ?? 800_000, env: toolEnvironment(), extendEnv: false },
  );
  return { exitCode: exitCode ?? -1, stdout, stderr, outDir };
}

/** The environment without what the outer Playwright put there for its own workers. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PLAYWRIGHT|PW_|TEST_|VERIFIER_|ALLURE_|GITHUB_STEP)/.test(name)),
  );
}

/** The verdict of one image format, as the run left it. */
export async function verdictOf(result: CommandResult, image: 'raw' | 'qcow2'): Promise<Verdict> {
  return JSON.parse(await readFile(join(result.outDir, image, 'verdict.json'), 'utf8')) as Verdict;
}
