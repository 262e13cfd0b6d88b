import { createHash } from 'node:crypto';
import { joinBlocks } from '../../helpers/oracle/classify.ts';
import { mibBytes } from '../../helpers/oracle/geometry.ts';
import { createOracle } from '../../helpers/oracle/oracle.ts';
import type { Fingerprint, Plan, WrongBlock } from '../../helpers/oracle/plan.ts';

/** Keeps a result small enough for an exec connection, whatever is wrong with the device. */
const mostBlocks = 4096;

const zeros = Buffer.alloc(mibBytes);

export interface MibCheckOptions {
  readonly plan: Plan;
  readonly expected: Fingerprint;
  readonly sizeBytes: number;
  /** Most bytes of wrong MiBs to look into. */
  readonly inspectLimitBytes: number;
  /** The memory that holds a device range, in one part or two. */
  readonly parts: (from: number, to: number) => readonly Uint8Array[];
}

export interface MibFindings {
  readonly mibSha256: readonly string[];
  /** Complete, however much was inspected. */
  readonly wrongMibs: readonly number[];
  readonly wrongBlocks: readonly WrongBlock[];
  readonly inspectedBytes: number;
  /** Wrong MiBs were not inspected, or blocks not listed, because a limit was reached. */
  readonly truncated: boolean;
}

export interface MibCheck {
  /** Looks at every whole MiB before `filledBytes` that it has not seen; returns where it is. */
  advance(filledBytes: number): number;
  findings(): MibFindings;
}

function sha256(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function equal(parts: readonly Uint8Array[], wanted: Buffer): boolean {
  let at = 0;
  return parts.every((part) => wanted.compare(part, 0, part.length, at, (at += part.length)) === 0);
}

/**
 * Compares every MiB with the bytes that the oracle expects, which is cheaper than digesting it, and proves more: equal
 * bytes have the expected digest. A MiB that differs is digested, and its sectors are classified from the very bytes that
 * were compared: a second read might be answered by another replica.
 */
export function createMibCheck({ plan, expected, sizeBytes, inspectLimitBytes, parts }: MibCheckOptions): MibCheck {
  const oracle = createOracle(plan);
  const wanted = Buffer.alloc(mibBytes);
  const mibSha256: string[] = [];
  const wrongMibs: number[] = [];
  let wrongBlocks: WrongBlock[] = [];
  let inspectedBytes = 0;
  let truncated = false;
  let doneBytes = 0;

  function holds(found: readonly Uint8Array[], lengthBytes: number): boolean {
    if (oracle.expectsZeros(doneBytes, lengthBytes)) return equal(found, zeros);
    oracle.expectedInto(doneBytes, wanted.subarray(0, lengthBytes));
    return equal(found, wanted);
  }

  function inspect(found: readonly Uint8Array[], lengthBytes: number): void {
    if (inspectedBytes + lengthBytes > inspectLimitBytes || wrongBlocks.length >= mostBlocks) {
      truncated = true;
      return;
    }
    inspectedBytes += lengthBytes;
    const blocks: WrongBlock[] = wrongBlocks.slice(-1);
    let offsetBytes = doneBytes;
    for (const part of found) {
      blocks.push(...oracle.classify({ offsetBytes, found: part }));
      offsetBytes += part.length;
    }
    wrongBlocks = [...wrongBlocks.slice(0, -1), ...joinBlocks(blocks)];
    if (wrongBlocks.length > mostBlocks) {
      wrongBlocks.length = mostBlocks;
      truncated = true;
    }
  }

  function check(to: number): void {
    const found = parts(doneBytes, to);
    const index = mibSha256.length;
    const digest = expected.mibSha256[index];
    if (digest !== undefined && holds(found, to - doneBytes)) mibSha256.push(digest);
    else {
      mibSha256.push(sha256(found));
      wrongMibs.push(index);
      inspect(found, to - doneBytes);
    }
    doneBytes = to;
  }

  return {
    advance(filledBytes) {
      while (doneBytes < filledBytes) {
        const to = Math.min(sizeBytes, doneBytes + mibBytes);
        if (to > filledBytes) break;
        check(to);
      }
      return doneBytes;
    },
    findings: () => ({ mibSha256, wrongMibs, wrongBlocks, inspectedBytes, truncated }),
  };
}
