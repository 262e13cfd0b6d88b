export type DeviceKind = 'block' | 'file' | 'nbd';

/** A device as the probe uses it: every request goes to the device itself, never to a cache on the way. */
export interface Device {
  readonly kind: DeviceKind;
  readonly sizeBytes: number;
  /** Offsets, lengths and memory of requests are multiples of this. */
  readonly logicalBlockBytes: number;
  /** What keeps the page cache out of it. */
  readonly direct: 'O_DIRECT' | 'NBD request';
  /** Fills `target` completely, or rejects with a ProbeError naming the offset. Many may be in flight. */
  read(offsetBytes: number, target: Uint8Array): Promise<void>;
  /** Resolves once the device acknowledged all of `source`; durable only after `flush`. */
  write(offsetBytes: number, source: Uint8Array): Promise<void>;
  /** Tells the device that nobody needs the range any more; what it reads as then is its choice. */
  discard(offsetBytes: number, lengthBytes: number): Promise<void>;
  /** Has the device zero the range by itself: no zeros are sent. */
  writeZeroes(offsetBytes: number, lengthBytes: number): Promise<void>;
  /** Resolves once everything acknowledged before is durable. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export type DeviceAccess = 'read' | 'read-write';
