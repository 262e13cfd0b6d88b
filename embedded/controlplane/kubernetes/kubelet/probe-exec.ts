import { PassThrough } from 'node:stream';
import type { ExecOutcome } from '../../../runtime/contract.ts';
import type { ContainerWorker } from './container-worker.ts';
import type { ProbeTarget } from './probe-check.ts';

const outputBytes = 4096;

/** Runs a probe's commands by the exec of its container; what cannot be run counts as exit code 126. */
export function probeExec(exec: ContainerWorker['exec']): ProbeTarget['exec'] {
  return async (command, signal) => {
    const output = new PassThrough();
    let text = '';
    output.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(0, outputBytes);
    });
    const outcome = await exec({
      command,
      tty: false,
      stdin: undefined,
      stdout: output,
      stderr: output,
      signal,
    })?.catch((error: unknown): ExecOutcome => ({ kind: 'failed', message: String(error) }));
    return outcome?.kind === 'exited'
      ? { exitCode: outcome.exitCode, output: text }
      : { exitCode: 126, output: outcome?.message ?? 'container is not running' };
  };
}
