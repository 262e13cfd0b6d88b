import { createHash } from 'node:crypto';
import type { DeviceContent } from './content.ts';
import { mibBytes } from './geometry.ts';
import type { Fingerprint } from './plan.ts';

/** Fingerprint of a described device, a MiB at a time: memory does not grow with it. */
export function fingerprintOf(content: DeviceContent): Fingerprint {
  const buffer = Buffer.alloc(mibBytes);
  const zeros = Buffer.alloc(mibBytes);
  const zerosSha256 = sha256(zeros);
  const whole = createHash('sha256');
  const mibSha256: string[] = [];
  for (let offsetBytes = 0; offsetBytes < content.sizeBytes; offsetBytes += mibBytes) {
    const lengthBytes = Math.min(mibBytes, content.sizeBytes - offsetBytes);
    if (lengthBytes === mibBytes && content.isZero(offsetBytes, lengthBytes)) {
      whole.update(zeros);
      mibSha256.push(zerosSha256);
      continue;
    }
    const part = buffer.subarray(0, lengthBytes);
    content.into(offsetBytes, part);
    whole.update(part);
    mibSha256.push(sha256(part));
  }
  return { byteCount: content.sizeBytes, sha256: whole.digest('hex'), mibSha256 };
}

/** One digest of all bytes of a described device; lower-case hex. */
export function digestOf(content: DeviceContent, algorithm: 'sha256' | 'sha512'): string {
  const buffer = Buffer.alloc(mibBytes);
  const hash = createHash(algorithm);
  for (let offsetBytes = 0; offsetBytes < content.sizeBytes; offsetBytes += mibBytes) {
    const part = buffer.subarray(0, Math.min(mibBytes, content.sizeBytes - offsetBytes));
    content.into(offsetBytes, part);
    hash.update(part);
  }
  return hash.digest('hex');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
