import { randomUUID } from 'node:crypto';
import type { PassShape } from '../oracle/plan.ts';
import { patternStage, writtenContent, type ContentRecipe } from '../oracle/recipe.ts';
import { exitStateOf } from '../../probe/exit-codes.ts';
import { decodeFrame } from '../../probe/framing.ts';
import type { ChurnResult } from '../../probe/churn/churn.ts';
import type { SettleResult } from '../../probe/churn/settle.ts';
import type { StopResult } from '../../probe/churn/stop.ts';
import type { FillResult } from '../../probe/fill.ts';
import type { DeviceIdentity } from '../../probe/identify.ts';
import type { PassResult } from '../../probe/pass/pass.ts';
import type { DiscardedResult } from '../../probe/discarded.ts';
import type { WriteResult } from '../../probe/write.ts';
import { explainExitCode, ProbeFailed, ProbeNoResult } from './errors.ts';
import type { Exec, ExecResult } from './exec.ts';
import { runPlainChecksum } from './plain-checksum.ts';
import type { PlainChecksum } from './plain-checksum.ts';

export type { ChurnResult };

export interface ProbeClientOptions {
  readonly exec: Exec;
  /** Paths inside the pod. */
  readonly probePath: string;
  readonly planPath: string;
  readonly expectedPath: string;
  /** Path of a block device, or `nbd+unix:///EXPORT?socket=PATH`. */
  readonly devicePath: string;
  /** Size of the plan's volume: any other byte count is no result, unless a content says another size. */
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
}

export interface ProbeProgress {
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface CallOptions {
  readonly timeoutMs: number;
  readonly onProgress?: (progress: ProbeProgress) => void;
}

/**
 * The probe in its pod. Every method resolves only with a complete answer to this very call; otherwise it rejects with
 * `ProbeFailed` (the probe says why) or `ProbeNoResult` (nothing is known). Nothing is retried.
 */
export interface ProbeClient {
  identify(options?: Partial<CallOptions>): Promise<DeviceIdentity>;
  /** Executes the writes of one stage of the plan, by default the first, durable when it resolves. */
  write(options?: Partial<CallOptions> & { readonly stage?: string }): Promise<WriteResult>;
  /** Reads what was discarded in that content, once, and answers with what the device left there. */
  discarded(options: CallOptions & { readonly content: ContentRecipe }): Promise<DiscardedResult>;
  /** Writes the image's content to the device, durable when it resolves: a source for linked clones. */
  fill(options: CallOptions): Promise<FillResult>;
  /** One complete cold read of the device, compared with that content; by default with what the first writes make. */
  pass(options: CallOptions & { readonly shape: PassShape; readonly content?: ContentRecipe }): Promise<PassResult>;
  /**
   * Starts the plan's writes that go on, over that content, and reads judged by what was written. It ends when it is
   * stopped, when the device fails, or at the time-out; `result` is what was acknowledged and seen until then.
   */
  churn(options: CallOptions & { readonly content?: ContentRecipe }): RunningChurn;
  /** Looks, again and again, which of the writes in flight at a crash are there; `content` is what was acknowledged. */
  settle(
    options: CallOptions & { readonly content: ContentRecipe; readonly sent: readonly number[] },
  ): Promise<SettleResult>;
  /** A second opinion by the image's own `dd` and `sha256sum`; skipped for NBD URIs, which they cannot open. */
  plainChecksum(options: CallOptions): Promise<PlainChecksum>;
}

/** Writes that go on. */
export interface RunningChurn {
  readonly result: Promise<ChurnResult>;
  /** Tells it to end; what is in flight is waited for. Resolves with how many processes were told. */
  stop(): Promise<number>;
}

const quickTimeoutMs = 60_000;
const writeTimeoutMs = 300_000;

function parseProgress(line: string): ProbeProgress | undefined {
  const match = /^progress (\d+) (\d+)$/.exec(line);
  return match ? { bytes: Number(match[1]), totalBytes: Number(match[2]) } : undefined;
}

/** The probe's own line about its failure, among progress and whatever Node printed. */
function failureLine(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line !== '' && !parseProgress(line));
  return lines.find((line) => line.startsWith('probe: ')) ?? lines.at(-1) ?? 'without a word on standard error';
}

function resultOf(command: string, nonce: string, { exitCode, stdout, stderr }: ExecResult): unknown {
  const state = exitStateOf(exitCode);
  if (state === undefined) {
    throw new ProbeNoResult(`probe ${command}: ended with ${explainExitCode(exitCode)}: ${failureLine(stderr)}`);
  }
  if (state !== 'ok') throw new ProbeFailed(state, `probe ${command}: ${failureLine(stderr).replace(/^probe: /, '')}`);
  try {
    return decodeFrame(nonce, stdout);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ProbeNoResult(`probe ${command}: exit code 0, but its output is no result: ${why}`, { cause });
  }
}

export function createProbeClient(options: ProbeClientOptions): ProbeClient {
  const { exec, probePath, planPath, expectedPath, devicePath, sizeBytes, signal } = options;

  async function call(
    command: string,
    args: readonly string[],
    { timeoutMs, onProgress }: CallOptions,
    nonce: string = randomUUID(),
  ): Promise<unknown> {
    const argv = ['node', probePath, command, '--device', devicePath, '--nonce', nonce, ...args];
    const onStderrLine = (line: string): void => {
      const progress = parseProgress(line);
      if (progress) onProgress?.(progress);
    };
    let result: ExecResult;
    try {
      result = await exec(argv, { timeoutMs, signal, onStderrLine });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ProbeNoResult(`probe ${command}: the command's end is unknown: ${why}`, { cause });
    }
    return resultOf(command, nonce, result);
  }

  function requireSize(byteCount: number, content: ContentRecipe): void {
    const wantedBytes = content.sizeBytes ?? sizeBytes;
    if (byteCount === wantedBytes) return;
    throw new ProbeNoResult(`probe pass: covered ${byteCount} of ${wantedBytes} bytes; a part is not an answer`);
  }

  return {
    identify: async ({ timeoutMs = quickTimeoutMs, ...rest } = {}) =>
      (await call('identify', [], { timeoutMs, ...rest })) as DeviceIdentity,

    write: async ({ timeoutMs = writeTimeoutMs, stage = patternStage, ...rest } = {}) =>
      (await call('write', ['--plan', planPath, '--stage', stage], { timeoutMs, ...rest })) as WriteResult,

    discarded: async ({ content, ...rest }) =>
      (await call('discarded', ['--plan', planPath, '--content', JSON.stringify(content)], rest)) as DiscardedResult,

    fill: async (rest) => (await call('fill', ['--plan', planPath], rest)) as FillResult,

    pass: async ({ shape, content = writtenContent, ...rest }) => {
      const shapeArg = `${shape.requestBytes}:${shape.phaseBytes}:${shape.depth}${shape.small === undefined ? '' : ':small'}`;
      const usual = content.name === writtenContent.name;
      const expectation = usual ? ['--expected', expectedPath] : ['--content', JSON.stringify(content)];
      const args = ['--plan', planPath, ...expectation, '--shape', shapeArg];
      const result = (await call('pass', args, rest)) as PassResult;
      const { byteCount, mibSha256 } = result.fingerprint;
      requireSize(byteCount, content);
      requireSize(Math.min(byteCount, mibSha256.length * 1024 * 1024), content);
      return result;
    },

    churn: ({ content = writtenContent, ...rest }) => {
      const nonce = randomUUID();
      const mostSeconds = String(Math.max(1, Math.floor(rest.timeoutMs / 1000) - 5));
      const args = ['--plan', planPath, '--content', JSON.stringify(content), '--most-seconds', mostSeconds];
      const result = call('churn', args, rest, nonce) as Promise<ChurnResult>;
      // Who waits for it, waits later.
      result.catch(() => undefined);
      const stop = async (): Promise<number> =>
        ((await call('stop', ['--process', nonce], { timeoutMs: quickTimeoutMs })) as StopResult).processes;
      return { result, stop };
    },

    settle: async ({ content, sent, ...rest }) => {
      const args = ['--plan', planPath, '--content', JSON.stringify(content), '--sent', sent.join(',')];
      return (await call('settle', args, rest)) as SettleResult;
    },

    plainChecksum: ({ timeoutMs }) => runPlainChecksum({ exec, devicePath, sizeBytes, signal, timeoutMs }),
  };
}
