import type { FailureState } from '../../probe/exit-codes.ts';

/**
 * There is no answer: the connection broke, the probe was killed, or its output is cut or altered. Nothing is known about
 * the device, which is not the same as knowing something bad.
 */
export class ProbeNoResult extends Error {
  override readonly name = 'ProbeNoResult';
}

/** The probe answered that it could not do it, and why; `state` is its exit code's meaning. */
export class ProbeFailed extends Error {
  override readonly name = 'ProbeFailed';
  readonly state: FailureState;

  constructor(state: FailureState, message: string) {
    super(message);
    this.state = state;
  }
}

const otherExitCodes: Readonly<Record<number, string>> = {
  1: 'Node ended it: a broken bundle or an unsupported version',
  124: 'a time limit ended it',
  126: 'the program is not executable',
  127: 'the program was not found in the image',
  130: 'interrupted',
  134: 'aborted',
  137: 'killed, perhaps for its memory limit',
  139: 'crashed',
  143: 'terminated, as when its pod is deleted',
};

/** What an exit code that is not the probe's own usually means. */
export function explainExitCode(exitCode: number): string {
  return `exit code ${exitCode} (${otherExitCodes[exitCode] ?? 'not one of the probe'})`;
}
