/**
 * Which process works under a lock, in words that the same machine can hold against what runs on it later. Only absence
 * that can be seen counts: another machine, another container or a system without /proc is never told to be gone.
 */
import { readFileSync, readlinkSync } from 'node:fs';

/** `boot id/pid namespace/pid/start time`; undefined where it cannot be read. proc(5): stat fields 3 and 22 */
export function identityOf(pid: number): string | undefined {
  try {
    return `${machine()}/${String(pid)}/${statOf(pid).startTime}`;
  } catch {
    return undefined;
  }
}

/** True only where the process was of this machine and container, and is not there any more. */
export function isVisiblyGone(identity: string): boolean {
  const parts = identity.split('/');
  const startTime = parts.pop() ?? '';
  const pid = Number(parts.pop());
  try {
    if (parts.join('/') !== machine() || !Number.isInteger(pid) || pid <= 0) return false;
  } catch {
    return false;
  }
  return isAbsent(pid) || isAnother(pid, startTime);
}

/** Asked by a signal that does nothing: /proc may hide the processes of others. */
function isAbsent(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** The number was given to somebody else, or what is left of it waits for its parent to ask how it ended. */
function isAnother(pid: number, startTime: string): boolean {
  try {
    const seen = statOf(pid);
    return seen.startTime !== startTime || seen.state === 'Z' || seen.state === 'X';
  } catch {
    return false;
  }
}

function machine(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
}

function statOf(pid: number): { state: string; startTime: string } {
  const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  // The name before it is in brackets, and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  if (state === undefined || startTime === undefined) throw new Error(`/proc/${String(pid)}/stat is not as expected`);
  return { state, startTime };
}
