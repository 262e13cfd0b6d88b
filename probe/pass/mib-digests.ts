import { createHash } from 'node:crypto';
import { joinBlocks } from '../../helpers/oracle/classify.ts';
import { mibBytes } from '../../helpers/oracle/geometry.ts';
import { createOracle } from '../../helpers/oracle/oracle.ts';
import type { WrongBlock } from '../../helpers/oracle/plan.ts';
import type { Consumed, DigestJob } from './messages.ts';
import { ringParts } from './ring.ts';

/** Keeps a result small enough for an exec connection, whatever is wrong with the device. */
const mostBlocks = 4096;

const zeros = Buffer.alloc(mibBytes);
const zerosSha256 = createHash('sha256').update(zeros).digest('hex');

function isZero(parts: readonly Uint8Array[]): boolean {
  return parts.every((part) => zeros.compare(part, 0, part.length, 0, part.length) === 0);
}

function sha256(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/**
 * Digests every MiB, compares it with the expected digest and classifies the sectors of a wrong one from the very bytes
 * that were digested: a second read might be answered by another replica.
 */
export function mibDigests(job: DigestJob, report: (consumed: Consumed) => void): (filledBytes: number) => void {
  const oracle = createOracle(job.plan);
  const mibSha256: string[] = [];
  const wrongMibs: number[] = [];
  let wrongBlocks: WrongBlock[] = [];
  let inspectedBytes = 0;
  let truncated = false;
  let doneBytes = 0;

  function inspect(parts: readonly Uint8Array[], lengthBytes: number): void {
    if (inspectedBytes + lengthBytes > job.inspectLimitBytes || wrongBlocks.length >= mostBlocks) {
      truncated = true;
      return;
    }
    inspectedBytes += lengthBytes;
    const found: WrongBlock[] = wrongBlocks.slice(-1);
    let offsetBytes = doneBytes;
    for (const part of parts) {
      found.push(...oracle.classify({ offsetBytes, found: part }));
      offsetBytes += part.length;
    }
    wrongBlocks = [...wrongBlocks.slice(0, -1), ...joinBlocks(found)];
    if (wrongBlocks.length > mostBlocks) {
      wrongBlocks.length = mostBlocks;
      truncated = true;
    }
  }

  return (filledBytes) => {
    while (doneBytes < filledBytes) {
      const to = Math.min(job.sizeBytes, doneBytes + mibBytes);
      if (to > filledBytes) return;
      const parts = ringParts(job.layout, job.memory, doneBytes, to);
      const index = mibSha256.length;
      const digest = to - doneBytes === mibBytes && isZero(parts) ? zerosSha256 : sha256(parts);
      mibSha256.push(digest);
      if (digest !== job.expected.mibSha256[index]) {
        wrongMibs.push(index);
        inspect(parts, to - doneBytes);
      }
      doneBytes = to;
      const mibs = { mibSha256, wrongMibs, wrongBlocks, inspectedBytes, truncated };
      report({ consumedBytes: doneBytes, ...(doneBytes === job.sizeBytes && { mibs }) });
    }
  };
}
