import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import type { Device } from './device/device.ts';

/** What the probe answers to `identify`. */
export interface DeviceIdentity {
  readonly kind: Device['kind'];
  readonly sizeBytes: number;
  readonly logicalBlockBytes: number;
  readonly direct: Device['direct'];
  /** Other processes that this one can see holding the device open, e.g. `pid 12 (dd)`. Not seeing any proves little. */
  readonly otherOpeners: readonly string[];
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // The process ended, or is not ours to look into.
    return [];
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function otherOpeners(path: string): string[] {
  const device = realpathSync(path);
  const pids = list('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids
    .filter((pid) => list(`/proc/${pid}/fd`).some((fd) => linkTarget(`/proc/${pid}/fd/${fd}`) === device))
    .map((pid) => `pid ${pid} (${linkTarget(`/proc/${pid}/exe`) ?? 'unknown program'})`);
}

export function identify(location: string, device: Device): DeviceIdentity {
  const { kind, sizeBytes, logicalBlockBytes, direct } = device;
  return { kind, sizeBytes, logicalBlockBytes, direct, otherOpeners: kind === 'nbd' ? [] : otherOpeners(location) };
}
