import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerdictName } from '../../helpers/verdict/verdict.ts';
import { runTool, verdictOfRun } from '../../scripts/verify/child.ts';
import { accessDirectly, type DirectAccess } from './direct-access.ts';
import type { Ordeal } from './ordeals.ts';
import { startChaosProxy } from './proxy.ts';

export interface OrdealResult {
  readonly ordeal: string;
  readonly seed: string;
  readonly verdict: VerdictName;
  readonly causes: readonly string[];
  readonly ended: string;
  /** How often each kind of trouble came, and whether the ordeal's act did. */
  readonly happened: Readonly<Record<string, number>>;
  /** What is wrong with how the suite took it; empty when it did well. */
  readonly objections: readonly string[];
}

/** Small, and still a whole story. */
const verifyFlags = ['--size', '16Mi', '--image', 'raw', '--reads', '2', '--verdict-only'];
const timeoutMs = 600_000;

/** Runs the suite, as a child process, through the proxy against a cluster that must be as clean afterwards as before. */
export async function runOrdeal(
  ordeal: Ordeal,
  options: { seed: string; kubeconfigPath: string; context: string; outDir: string },
): Promise<OrdealResult> {
  const { seed, outDir } = options;
  await mkdir(outDir, { recursive: true });
  const ended = new AbortController();
  const direct = accessDirectly({ ...options, signal: new AbortController().signal });
  const before = await direct.readSettings();
  const proxy = await startChaosProxy({
    kubeconfigPath: options.kubeconfigPath,
    ownKubeconfigPath: join(outDir, 'kubeconfig'),
    troubleMaker: ordeal.troubleMaker(seed),
  });
  const child: { pid?: number } = {};
  const killAll = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  const happened: Record<string, number> = {};
  const act = ordeal.act?.({ seed, proxy, direct, killAll, ended: ended.signal }).then(
    () => (happened['act'] = 1),
    () => (happened['act'] = 0),
  );
  const { ended: end } = await runTool({
    tool: 'verify',
    flags: ['--context', proxy.context, '--kubeconfig', proxy.kubeconfigPath, '--seed', seed, ...verifyFlags],
    outDir,
    timeoutMs,
    outputFile: join(outDir, 'output.txt'),
    environment: ordeal.environment ?? {},
    onStart: (pid) => {
      child.pid = pid;
    },
  });
  ended.abort();
  await act;
  await proxy.close();
  const run = await verdictOfRun(outDir);
  const verdict = run?.verdict ?? 'inconclusive';
  const causes = (run?.verdicts ?? []).flatMap((one) => one.causes);
  return {
    ordeal: ordeal.name,
    seed,
    verdict,
    causes,
    ended: end,
    happened: { ...proxy.happened, ...happened },
    objections: [...verdictObjections(ordeal, verdict, causes), ...(await aftermath(ordeal, direct, before))],
  };
}

function verdictObjections({ allowed, cause }: Ordeal, verdict: VerdictName, causes: readonly string[]): string[] {
  if (!allowed.includes(verdict)) return [`the verdict is ${verdict}, allowed: ${allowed.join(', ')}`];
  if (verdict !== 'inconclusive' || cause === undefined || causes.some((one) => cause.test(one))) return [];
  return [`no cause matches ${String(cause)}: ${causes.join('; ')}`];
}

async function aftermath(
  ordeal: Ordeal,
  direct: DirectAccess,
  before: Readonly<Record<string, string>>,
): Promise<string[]> {
  const swept = ordeal.aftermath === 'a sweep leaves nothing' ? await direct.sweepAll() : [];
  const left = await direct.leftovers();
  const after = await direct.readSettings();
  const changed = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
  return [
    ...swept.map((line) => `not swept: ${line}`),
    ...left.map((object) => `left: ${object}`),
    ...changed.map((name) => `setting ${name} was ${before[name] ?? 'absent'} and is ${after[name] ?? 'absent'}`),
  ];
}
