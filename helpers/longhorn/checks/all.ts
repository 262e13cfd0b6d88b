/** Every look at a cluster, in the order in which a person would repair it. */
import { apiCheck } from './api.ts';
import type { Check } from './check.ts';
import { helperToolCheck } from './helper-tool.ts';
import { hostConditionsCheck, hugePagesCheck, kernelCheck } from './hosts.ts';
import {
  cordonAccessCheck,
  evidenceCheck,
  permissionsCheck,
  scenariosAccessCheck,
  snapshotsAccessCheck,
} from './permissions.ts';
import { cloneReleaseCheck, engineSettingCheck, instanceManagerCheck, releaseCheck } from './release.ts';
import { blockDiskCheck, csiCheck, filesystemDiskCheck, replicaCountCheck } from './storage.ts';
import { leftoverCheck, lockCheck } from './traces.ts';

export const allChecks: readonly Check[] = [
  apiCheck,
  permissionsCheck,
  releaseCheck,
  engineSettingCheck,
  hugePagesCheck,
  kernelCheck,
  hostConditionsCheck,
  instanceManagerCheck,
  replicaCountCheck,
  blockDiskCheck,
  filesystemDiskCheck,
  csiCheck,
  helperToolCheck,
  leftoverCheck,
  lockCheck,
  scenariosAccessCheck,
  snapshotsAccessCheck,
  cordonAccessCheck,
  evidenceCheck,
];

/** What a verdict rests on; the API's own answer is part of every one of them. */
export const verdictChecks: readonly Check[] = allChecks.filter(
  (check) => check.weight === 'verdict' && check !== apiCheck,
);

/** The same for a linked clone: another release, and no image that a filesystem disk takes first. */
export function forClones(checks: readonly Check[]): readonly Check[] {
  return checks
    .filter((check) => check !== filesystemDiskCheck)
    .map((check) => (check === releaseCheck ? cloneReleaseCheck : check));
}
