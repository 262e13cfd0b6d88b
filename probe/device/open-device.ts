import { connectNbd } from '../nbd/client.ts';
import { isNbdUri, parseNbdUri } from '../nbd/uri.ts';
import type { Device, DeviceAccess } from './device.ts';
import { openFileDevice } from './file-device.ts';

/**
 * Opens what `location` names: an absolute path of a block device or file, or `nbd+unix:///EXPORT?socket=PATH`.
 *
 * @throws {ProbeError}
 */
export async function openDevice(location: string, access: DeviceAccess): Promise<Device> {
  if (!isNbdUri(location)) return openFileDevice(location, access);
  const connection = await connectNbd(parseNbdUri(location));
  return { kind: 'nbd', direct: 'NBD request', ...connection };
}
