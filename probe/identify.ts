import type { Device } from './device/device.ts';

/** What the probe answers to `identify`. */
export type DeviceIdentity = Pick<Device, 'kind' | 'sizeBytes' | 'logicalBlockBytes' | 'direct'>;

export function identify({ kind, sizeBytes, logicalBlockBytes, direct }: Device): DeviceIdentity {
  return { kind, sizeBytes, logicalBlockBytes, direct };
}
