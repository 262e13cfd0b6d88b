import { ProbeError } from '../exit-codes.ts';

export interface NbdAddress {
  readonly socketPath: string;
  readonly exportName: string;
}

export function isNbdUri(location: string): boolean {
  return /^nbd(\+unix|s|s\+unix)?:/.test(location);
}

/**
 * `nbd+unix:///EXPORT?socket=PATH`, as the NBD project's URI specification has it; an empty export name is the default export.
 *
 * @throws {ProbeError} `usage`, also for TCP and TLS, which are not supported
 */
export function parseNbdUri(uri: string): NbdAddress {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const socketPath = url?.searchParams.get('socket');
  if (url?.protocol !== 'nbd+unix:' || url.host !== '' || !socketPath) {
    throw new ProbeError('usage', `expected nbd+unix:///EXPORT?socket=PATH, not ${uri}`);
  }
  return { socketPath, exportName: decodeURIComponent(url.pathname.replace(/^\//, '')) };
}
