import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { execa } from 'execa';
import { mibBytes } from '../../helpers/oracle/geometry.ts';
import type { Oracle } from '../../helpers/oracle/oracle.ts';

/** What all contenders read. */
export interface Device {
  readonly path: string;
  readonly kind: string;
  remove(): Promise<void>;
}

/** Writes what the oracle expects of the whole volume. */
export function fillFile(path: string, oracle: Oracle): void {
  const fd = openSync(path, 'w');
  const buffer = Buffer.alloc(mibBytes);
  const { sizeBytes } = oracle.plan.volume;
  for (let at = 0; at < sizeBytes; at += mibBytes) {
    const part = buffer.subarray(0, Math.min(mibBytes, sizeBytes - at));
    oracle.expectedInto(at, part);
    writeSync(fd, part);
  }
  fsyncSync(fd);
  closeSync(fd);
}

/** A loop device over the file where this may make one (root), the file itself otherwise. */
export async function makeDevice(file: string, backing: 'memory' | 'disk'): Promise<Device> {
  if (process.getuid?.() !== 0) return { path: file, kind: 'file', remove: () => Promise.resolve() };
  const loop = await execa('losetup', ['--find', '--show', `--direct-io=${backing === 'disk' ? 'on' : 'off'}`, file], {
    reject: false,
  });
  if (loop.exitCode !== 0) return { path: file, kind: 'file (no loop device)', remove: () => Promise.resolve() };
  const remove = async (): Promise<void> => void (await execa('losetup', ['--detach', loop.stdout]));
  return {
    path: loop.stdout,
    kind: `loop device over a file ${backing === 'disk' ? 'read from disk' : 'in the page cache'}`,
    remove,
  };
}
