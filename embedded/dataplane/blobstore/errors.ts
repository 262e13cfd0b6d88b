/** What SPDK answers, with its errno: the JSON-RPC error code and the NBD error come from it. */
export class SpdkError extends Error {
  readonly errno: 'EIO' | 'ENOSPC' | 'ENODEV' | 'EEXIST' | 'EBUSY' | 'EINVAL' | 'EPERM';

  constructor(errno: SpdkError['errno'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SpdkError';
    this.errno = errno;
  }
}
