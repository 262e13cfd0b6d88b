import type { Exec, ExecResult } from './exec.ts';
import { ProbeNoResult } from './errors.ts';

/** What the image's own tools say about the device. */
export type PlainChecksum =
  | { readonly state: 'done'; readonly sha256: string; readonly byteCount: number; readonly tool: string }
  | { readonly state: 'skipped'; readonly reason: string };

const tool = 'dd iflag=direct bs=1M | sha256sum';

/**
 * POSIX sh has no pipefail, so dd's exit code goes to standard error, next to the count of bytes that dd prints there. `$1`
 * is the device.
 */
const script = '{ LC_ALL=C dd if="$1" iflag=direct bs=1M; echo "dd-exit-code=$?" >&2; } | sha256sum';

function parse({ exitCode, stdout, stderr }: ExecResult): { sha256: string; byteCount: number } {
  const digest = /^([0-9a-f]{64}) {2}-\n$/.exec(stdout)?.[1];
  const bytes = /^(\d+) bytes/m.exec(stderr)?.[1];
  const ddExit = /^dd-exit-code=(\d+)$/m.exec(stderr)?.[1];
  if (exitCode !== 0 || ddExit !== '0' || digest === undefined || bytes === undefined) {
    const seen = `${stdout}${stderr}`.trim().replaceAll('\n', ' | ').slice(0, 400);
    throw new ProbeNoResult(
      `${tool}: exit code ${exitCode}, dd's exit code ${ddExit ?? 'unknown'}: ${seen || 'no output'}`,
    );
  }
  return { sha256: digest, byteCount: Number(bytes) };
}

/** @throws {ProbeNoResult} when either command failed or dd did not count exactly the device's bytes */
export async function runPlainChecksum(options: {
  exec: Exec;
  devicePath: string;
  sizeBytes: number;
  timeoutMs: number;
  signal: AbortSignal;
}): Promise<PlainChecksum> {
  const { exec, devicePath, sizeBytes, timeoutMs, signal } = options;
  if (!devicePath.startsWith('/')) {
    return { state: 'skipped', reason: `dd cannot open ${devicePath}` };
  }
  let result: ExecResult;
  try {
    result = await exec(['sh', '-c', script, 'sh', devicePath], { timeoutMs, signal });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ProbeNoResult(`${tool}: the command's end is unknown: ${why}`, { cause });
  }
  const { sha256, byteCount } = parse(result);
  if (byteCount !== sizeBytes) throw new ProbeNoResult(`${tool}: covered ${byteCount} of ${sizeBytes} bytes`);
  return { state: 'done', sha256, byteCount, tool };
}
