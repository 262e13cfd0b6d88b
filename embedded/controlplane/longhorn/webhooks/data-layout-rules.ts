import type { Volume } from '../model/volume.ts';
import { invalid } from './denial.ts';

interface DataLayout {
  readonly type?: string;
  readonly mode?: string;
  readonly dataChunks?: number;
  readonly parityChunks?: number;
  readonly stripSizeKB?: number;
}

const mostChunks = 32;

/** Source: longhorn-manager:webhook/resources/volume/validator.go validateDataLayout@v1.12.1. */
export function checkDataLayout(volume: Volume): void {
  const fault = layoutFault(volume.spec.dataEngine, layoutOf(volume));
  if (fault !== undefined) throw invalid(fault, 'spec.dataLayout');
}

function layoutOf(volume: Volume): DataLayout {
  return (volume.spec['dataLayout'] as DataLayout | undefined) ?? {};
}

function layoutFault(dataEngine: string, layout: DataLayout): string | undefined {
  const { type = '', mode = '', dataChunks = 0, parityChunks = 0, stripSizeKB = 0 } = layout;
  if (type !== 'sharded') {
    if (dataChunks !== 0 || parityChunks !== 0 || stripSizeKB !== 0) {
      return 'EC params (dataChunks, parityChunks, stripSizeKB) must be 0 for non-sharded volumes';
    }
    return mode === '' || mode === 'raid1'
      ? undefined
      : `spec.dataLayout.mode ${mode} is not valid for non-sharded volumes`;
  }
  if (dataEngine !== 'v2') return 'sharded data layout requires V2 data engine';
  if (mode !== 'erasureCoding') return 'spec.dataLayout.mode must be erasureCoding when type is sharded';
  const fault = chunkFault({ dataChunks, parityChunks, stripSizeKB });
  return fault === undefined ? undefined : `spec.dataLayout: ${fault}`;
}

/** Source: longhorn-manager:types/types.go ValidateECParameters@v1.12.1. */
function chunkFault({
  dataChunks,
  parityChunks,
  stripSizeKB,
}: Required<Pick<DataLayout, 'dataChunks' | 'parityChunks' | 'stripSizeKB'>>): string | undefined {
  if (dataChunks < 1) return `dataChunks must be >= 1, got ${String(dataChunks)}`;
  if (parityChunks < 1) return `parityChunks must be >= 1, got ${String(parityChunks)}`;
  if (dataChunks + parityChunks > mostChunks) {
    const sum = `dataChunks (${String(dataChunks)}) + parityChunks (${String(parityChunks)})`;
    return `${sum} must be <= ${String(mostChunks)} (Longhorn EC base bdev cap)`;
  }
  const isPower = Number.isInteger(Math.log2(stripSizeKB));
  if (stripSizeKB >= 4 && stripSizeKB <= 1024 && isPower) return undefined;
  return `stripSizeKB must be a power of two in [4, 1024], got ${String(stripSizeKB)}`;
}

/** Source: longhorn-manager:webhook/resources/volume/validator.go validateShardedConstraints@v1.12.1. */
export function checkShardedVolume(volume: Volume): void {
  if (layoutOf(volume).type !== 'sharded') return;
  const { spec } = volume;
  if (spec.numberOfReplicas !== 1) {
    const why = 'fault tolerance is provided by spec.dataLayout.parityChunks';
    throw invalid(`spec.numberOfReplicas must be 1 for EC (sharded) volumes; ${why}`, 'spec.numberOfReplicas');
  }
  if (spec.dataLocality !== 'disabled') {
    const why = 'data chunks are distributed across k+m nodes by design';
    throw invalid(`spec.dataLocality must be "disabled" for EC (sharded) volumes; ${why}`, 'spec.dataLocality');
  }
  const absent = ['Standby', 'dataSource', 'fromBackup', 'backingImage', 'migratable'];
  const asked = absent.find((field) => Boolean(spec[field]));
  if (asked === undefined) return;
  const field = `spec.${asked.charAt(0).toLowerCase()}${asked.slice(1)}`;
  throw invalid(`${field} is not supported for EC (sharded) volumes`, field);
}
