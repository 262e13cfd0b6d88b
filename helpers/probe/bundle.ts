import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Fingerprint, Plan } from '../oracle/plan.ts';

export interface ProbeBundle {
  /** One CommonJS file for Node 18 and later, without dependencies, at most 100 KiB: it travels in a ConfigMap. */
  readonly code: string;
  readonly sha256: string;
}

const entryPoint = fileURLToPath(new URL('../../probe/main.ts', import.meta.url));
let bundle: Promise<ProbeBundle> | undefined;

/** Builds the probe once per process. The same sources give the same bytes. */
export function bundleProbe(): Promise<ProbeBundle> {
  return (bundle ??= buildProbe());
}

async function buildProbe(): Promise<ProbeBundle> {
  const result = await build({
    entryPoints: [entryPoint],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    target: 'node18',
    format: 'cjs',
    logLevel: 'silent',
  });
  const code = result.outputFiles[0]?.text;
  if (code === undefined) throw new Error(`bundling ${entryPoint} gave no file`);
  return { code, sha256: createHash('sha256').update(code).digest('hex') };
}

/** Names of the files that a probe pod mounts, in one directory. */
export const probeFileNames = { program: 'probe.cjs', plan: 'plan.json', expected: 'expected.json' } as const;

/** Everything that a probe pod mounts: file name to content. `expected` grows by 67 bytes per MiB of the volume. */
export async function probeFiles(plan: Plan, expected: Fingerprint): Promise<Record<string, string>> {
  const { code } = await bundleProbe();
  return {
    [probeFileNames.program]: code,
    [probeFileNames.plan]: JSON.stringify(plan),
    [probeFileNames.expected]: JSON.stringify(expected),
  };
}
