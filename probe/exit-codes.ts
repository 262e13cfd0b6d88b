/** How the probe ends. A code outside this list means that the probe did not end itself: there is no result. */
export const exitCodes = {
  ok: 0,
  /** Wrong command line. */
  usage: 64,
  /** The plan or the expected digests cannot be read or contradict one another. */
  input: 65,
  /** The device cannot be opened or identified. */
  open: 66,
  /** The device or its filesystem does not take O_DIRECT, so a read might be answered from the page cache. */
  'not-direct': 67,
  /** The device has another size than the plan's volume. */
  size: 68,
  /** A read failed or was short. */
  read: 69,
  /** A write or flush failed or was short. */
  write: 70,
  /** The NBD server broke the protocol or closed the connection. */
  nbd: 71,
  /** A defect of the probe. */
  internal: 72,
  /** The device takes no such request, or the image has no tool to make it: nothing is said about the data. */
  unsupported: 73,
} as const;

export type ExitState = keyof typeof exitCodes;

export type FailureState = Exclude<ExitState, 'ok'>;

/** A failure that the probe reports in one line and with its own exit code. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  readonly state: FailureState;

  constructor(state: FailureState, message: string, options?: ErrorOptions) {
    super(message, options);
    this.state = state;
  }
}

export function exitStateOf(exitCode: number): ExitState | undefined {
  return (Object.keys(exitCodes) as ExitState[]).find((state) => exitCodes[state] === exitCode);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
