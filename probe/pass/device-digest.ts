import { createHash } from 'node:crypto';
import { mibBytes } from '../../helpers/oracle/geometry.ts';
import type { Consumed, DigestJob } from './messages.ts';
import { ringParts } from './ring.ts';

/** Digests the device as one stream. Returns what to do whenever more of it is in memory. */
export function deviceDigest(job: DigestJob, report: (consumed: Consumed) => void): (filledBytes: number) => void {
  const hash = createHash('sha256');
  let doneBytes = 0;
  return (filledBytes) => {
    while (doneBytes < filledBytes) {
      const to = Math.min(filledBytes, doneBytes + mibBytes);
      for (const part of ringParts(job.layout, job.memory, doneBytes, to)) hash.update(part);
      doneBytes = to;
      report({
        consumedBytes: doneBytes,
        ...(doneBytes === job.sizeBytes && { device: { sha256: hash.digest('hex') } }),
      });
    }
  };
}
