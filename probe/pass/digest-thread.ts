import { parentPort, workerData } from 'node:worker_threads';
import { deviceDigest } from './device-digest.ts';
import type { Consumed, DigestJob, Filled } from './messages.ts';
import { mibDigests } from './mib-digests.ts';

/** The body of a digesting thread; it ends when all of the device was digested. */
export function runDigestThread(): void {
  const port = parentPort;
  if (!port) throw new Error('a digesting thread was started without its parent');
  const job = workerData as DigestJob;
  const report = (consumed: Consumed): void => {
    port.postMessage(consumed);
    if (consumed.consumedBytes === job.sizeBytes) port.close();
  };
  const digest = job.role === 'device' ? deviceDigest(job, report) : mibDigests(job, report);
  port.on('message', (message: Filled) => digest(message.filledBytes));
}
