/** A refusal of longhorn-manager's HTTP API. Everything but an object that is not there is a 500 (api/router.go HandleError). */
export class ManagerError extends Error {
  readonly status: 404 | 500;

  constructor(message: string, status: 404 | 500 = 500) {
    super(message);
    this.name = 'ManagerError';
    this.status = status;
  }
}

export function notThere(kind: 'volume' | 'node' | 'supportbundle', name: string): ManagerError {
  return new ManagerError(`${kind}.longhorn.io "${name}" not found`, 404);
}

/** The same refusal, with what was tried before its words. */
export function wrapped(tried: string, error: unknown): ManagerError {
  const message = error instanceof Error ? error.message : String(error);
  return new ManagerError(`${tried}: ${message}`, error instanceof ManagerError ? error.status : 500);
}
