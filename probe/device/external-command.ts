import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ProbeError } from '../exit-codes.ts';

const run = promisify(execFile);

/** The two requests that have no payload. Node has no ioctl, so for devices of the kernel a tool of the image makes them. */
export type RangeCommand = 'discard' | 'write-zeroes';

/**
 * The tool and its arguments: `blkdiscard` for a block device (BLKDISCARD, BLKZEROOUT), `fallocate` for a file. Both are of
 * util-linux, which every Debian image has; busybox has a `blkdiscard` that cannot zero.
 */
function toolFor(kind: 'block' | 'file', command: RangeCommand, path: string, range: Range): [string, string[]] {
  const [offset, length] = [String(range.offsetBytes), String(range.lengthBytes)];
  if (kind === 'block') {
    return ['blkdiscard', [...(command === 'discard' ? [] : ['-z']), '-o', offset, '-l', length, path]];
  }
  return ['fallocate', [command === 'discard' ? '-p' : '-z', '-o', offset, '-l', length, path]];
}

interface Range {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/**
 * Resolves when the kernel has acknowledged the request.
 *
 * @throws {ProbeError} `unsupported` where there is no tool for it, or the device does not take it; else `write`
 */
export async function commandRange(
  kind: 'block' | 'file',
  command: RangeCommand,
  path: string,
  range: Range,
): Promise<void> {
  const [tool, args] = toolFor(kind, command, path, range);
  const what = `${command} of ${range.lengthBytes} bytes at ${range.offsetBytes} of ${path}`;
  try {
    await run(tool, args);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      const message = `${what}: the image has no ${tool}; use one with util-linux, such as node:20-bookworm-slim (--probe-image)`;
      throw new ProbeError('unsupported', message, { cause: error });
    }
    const said = ((error as { stderr?: string }).stderr ?? '').trim();
    // errno EOPNOTSUPP: the device, or something below it, has no such command. An option that a tool lacks is no answer.
    const refused = /not supported|unrecognized option|invalid option/i.test(said);
    throw new ProbeError(refused ? 'unsupported' : 'write', `${what} failed: ${said || String(error)}`, {
      cause: error,
    });
  }
}
