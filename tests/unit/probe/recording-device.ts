import type { Device } from '../../../probe/device/device.ts';

export interface AskedRequest {
  readonly kind: 'read' | 'write' | 'discard' | 'write-zeroes' | 'flush';
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** How many requests had been answered when it came. */
  readonly answered: number;
}

/** A device that keeps nothing but what it was asked for, and answers each request a moment later. */
export function recordingDevice(geometry: { sizeBytes: number; logicalBlockBytes?: number }): {
  readonly device: Device;
  readonly asked: readonly AskedRequest[];
} {
  const asked: AskedRequest[] = [];
  let answered = 0;
  const note = async (kind: AskedRequest['kind'], offsetBytes = 0, lengthBytes = 0): Promise<void> => {
    asked.push({ kind, offsetBytes, lengthBytes, answered });
    await new Promise((resolve) => setImmediate(resolve));
    answered += 1;
  };
  const device: Device = {
    kind: 'file',
    direct: 'O_DIRECT',
    sizeBytes: geometry.sizeBytes,
    logicalBlockBytes: geometry.logicalBlockBytes ?? 512,
    read: (offsetBytes, target) => note('read', offsetBytes, target.length),
    write: (offsetBytes, source) => note('write', offsetBytes, source.length),
    discard: (offsetBytes, lengthBytes) => note('discard', offsetBytes, lengthBytes),
    writeZeroes: (offsetBytes, lengthBytes) => note('write-zeroes', offsetBytes, lengthBytes),
    flush: () => note('flush'),
    close: () => Promise.resolve(),
  };
  return { device, asked };
}
