import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { Consumed, DigestJob, Filled } from './messages.ts';
import { ringParts } from './ring.ts';

/** The body of the digesting thread: one SHA-256 of the device, in order. It ends when all of it was digested. */
export function runDigestThread(): void {
  const port = parentPort;
  if (!port) throw new Error('a digesting thread was started without its parent');
  const { memory, layout, sizeBytes } = workerData as DigestJob;
  const hash = createHash('sha256');
  let consumedBytes = 0;
  port.on('message', ({ filledBytes }: Filled) => {
    for (const part of ringParts(layout, memory, consumedBytes, filledBytes)) hash.update(part);
    consumedBytes = filledBytes;
    const done = consumedBytes === sizeBytes;
    const consumed: Consumed = done ? { consumedBytes, sha256: hash.digest('hex') } : { consumedBytes };
    port.postMessage(consumed);
    if (done) port.close();
  });
}
