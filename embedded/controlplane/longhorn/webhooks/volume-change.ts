import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { Volume } from '../model/volume.ts';
import { invalid } from './denial.ts';

/** What a rule about a volume's fields looks at. */
export interface VolumeChange {
  readonly cluster: LonghornCluster;
  readonly volume: Volume;
  /** Absent when the volume is created. */
  readonly old?: Volume;
}

export const since = ({ cluster }: VolumeChange, version: string): boolean =>
  isInVersionRange(cluster.profile.version, `${version}..`);

/** Absent and not a text are Go's zero value. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Field paths are in refusals from 1.10 on (longhorn-manager:webhook/resources/volume/validator.go@v1.9.2, v1.10.0). */
export function refuse(change: VolumeChange, message: string, field: string): never {
  throw invalid(message, since(change, '1.10.0') ? field : '');
}
