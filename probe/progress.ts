const intervalMs = 200;

/** Prints `progress <done> <total>` on standard error, at most every 200 ms, and always at the end, if there is one. */
export function progressReporter(totalBytes: number): (bytes: number) => void {
  let lastMs = -Infinity;
  return (bytes) => {
    const nowMs = performance.now();
    if (bytes < totalBytes && nowMs - lastMs < intervalMs) return;
    lastMs = nowMs;
    process.stderr.write(`progress ${bytes} ${Number.isFinite(totalBytes) ? totalBytes : 0}\n`);
  };
}
