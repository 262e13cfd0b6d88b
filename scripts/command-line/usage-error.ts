/** `EX_USAGE` of sysexits.h: the command line was wrong, and nothing was created. */
const usageExitCode = 64;

/** Something a person typed is wrong. The message is one line that says what was expected and what was seen. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/**
 * Runs a command: its result is the exit code, a `UsageError` is one line on standard error and exit code 64.
 * Any other error is a defect of ours and keeps its stack.
 */
export async function runCommand(name: string, command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${name}: ${error.message}`);
    process.exitCode = usageExitCode;
  }
}
