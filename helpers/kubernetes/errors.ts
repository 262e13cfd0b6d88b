/** What can go wrong between the suite and a cluster, told apart by what it means for a run. */

/** The server answered, and refused. `message` is the server's own text. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly statusCode: number;
  /** `Status.reason`, e.g. `NotFound`, `Conflict`, `Expired`, `Invalid`; empty when the body was no Status. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  /** The server's own words, without the request. */
  readonly said: string;

  constructor(options: {
    request: string;
    statusCode: number;
    reason: string;
    message: string;
    retryAfterMs?: number | undefined;
  }) {
    super(`${options.request}: HTTP ${String(options.statusCode)} ${options.reason}: ${options.message}`.trim());
    this.statusCode = options.statusCode;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
    this.said = options.message;
  }

  /** Reads the `Status` object of an error answer; any other body is quoted as it is, shortened. */
  static fromBody(options: {
    request: string;
    statusCode: number;
    body: string;
    retryAfterMs?: number | undefined;
  }): ApiError {
    let reason = '';
    let message = options.body.trim().slice(0, 500);
    try {
      const status: unknown = JSON.parse(options.body);
      if (typeof status === 'object' && status !== null) {
        if ('reason' in status && typeof status.reason === 'string') reason = status.reason;
        if ('message' in status && typeof status.message === 'string') message = status.message;
      }
    } catch {
      // Not JSON, e.g. `404 page not found` for a path that is not served.
    }
    return new ApiError({
      request: options.request,
      statusCode: options.statusCode,
      reason,
      message,
      retryAfterMs: options.retryAfterMs,
    });
  }
}

/** The connection failed or was cut: the outcome is unknown. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** Whether the request can have reached the server. */
  readonly reached: 'no' | 'maybe';

  constructor(request: string, cause: unknown, reached: 'no' | 'maybe') {
    super(`${request}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.reached = reached;
  }
}

/** The exec stream ended without the command's status: nothing is known about its outcome. */
export class ExecConnectionLost extends Error {
  override readonly name = 'ExecConnectionLost';
}

/** A wait did not see what it expected in time. */
export class WaitTimeout extends Error {
  override readonly name = 'WaitTimeout';
}

/** A wait saw a state from which what it expects cannot be reached any more. */
export class ForbiddenState extends Error {
  override readonly name = 'ForbiddenState';
}

/** The kubeconfig or the context cannot be used; one line for the person who typed it. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.statusCode === 404;
}

/** The reason an aborted signal carries, as an error. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(`aborted: ${String(reason)}`);
}
