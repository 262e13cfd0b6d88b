import type { LonghornVersion } from '../../embedded/versions/profile.ts';

/**
 * The defect that the scenario shows on a release, as `owner/repository#number`; undefined where none is known.
 * Sources: longhorn/longhorn CHANGELOG-1.8.1.md (#10340) and the instance-manager's engine pins (#10909 was in
 * 1.9.0-rc2 only).
 */
export function knownDefectOf(version: LonghornVersion): string | undefined {
  switch (version) {
    case '1.8.0':
      return 'longhorn/longhorn#10340';
    case '1.9.0-rc2':
      return 'longhorn/longhorn#10909';
    default:
      return undefined;
  }
}
