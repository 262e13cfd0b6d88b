import { readdirSync, readFileSync } from 'node:fs';

/** What the probe answers to `stop`. */
export interface StopResult {
  /** Processes that were told to end. */
  readonly processes: number;
}

/** The arguments of a process; none where it ended or is not ours to look into. */
function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Tells the probe that runs `churn` with that nonce to end; a nonce is used once, so it can be no other process. */
export function stopChurn(nonce: string): StopResult {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = pids.filter((pid) => {
    const words = argumentsOf(pid);
    return words.includes('churn') && words[words.indexOf('--nonce') + 1] === nonce;
  });
  for (const pid of found) process.kill(Number(pid), 'SIGTERM');
  return { processes: found.length };
}
