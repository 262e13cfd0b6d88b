/** What an embedded cluster is asked to be, read from a command line. */
import { FaultRequestError } from '../../embedded/faults/parameters.ts';
import { type FaultRequest, parseFaultRequest } from '../../embedded/faults/request.ts';
import type { TopologyName } from '../../embedded/topology.ts';
import {
  type LonghornVersion,
  isKnownLonghornVersion,
  knownLonghornVersions,
} from '../../embedded/versions/profile.ts';
import { UsageError } from '../command-line/usage-error.ts';

export const defaultTopology: TopologyName = 'three-nodes';
export const defaultTimeScale = 0.01;

/** Reads `ID[:key=value,…]`. Throws `UsageError`. */
export function parseFault(text: string | undefined): { fault?: FaultRequest } {
  if (text === undefined) return {};
  try {
    return { fault: parseFaultRequest(text) };
  } catch (error) {
    if (!(error instanceof FaultRequestError)) throw error;
    throw new UsageError(`--fault: ${error.message}`, { cause: error });
  }
}

/** Reads a version that has a profile, with or without a leading `v`, of that flag. Throws `UsageError`. */
export function parseLonghornVersion(text: string, flag = '--longhorn'): LonghornVersion {
  const version = text.replace(/^v/, '');
  if (!isKnownLonghornVersion(version)) {
    throw new UsageError(`${flag} wants one of ${knownLonghornVersions().join(', ')}, got "${text}"`);
  }
  return version;
}

/** Reads a time scale: above 0, at most 10. Throws `UsageError`. */
export function parseTimeScale(text: string | undefined): number {
  if (text === undefined) return defaultTimeScale;
  const scale = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(scale > 0 && scale <= 10)) {
    throw new UsageError(`--time-scale wants a factor above 0 and at most 10, got "${text}"`);
  }
  return scale;
}
