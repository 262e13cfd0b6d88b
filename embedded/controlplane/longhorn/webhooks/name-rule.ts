import { createHash } from 'node:crypto';
import type { KubeObject } from '../../../apiserver/store.ts';
import { invalid } from './denial.ts';

// longhorn-manager:datastore/longhorn.go NameMaximumLength.
export const longestName = 40;

/**
 * What the mutator makes of a name: lower case, and one that is too long ends with a checksum.
 * Source: longhorn-manager:util/util.go AutoCorrectName@v1.8.0, v1.12.1.
 */
export function correctName(object: KubeObject): void {
  const { name } = object.metadata;
  const lower = name.toLowerCase();
  if (name.length <= longestName) {
    object.metadata.name = lower;
    return;
  }
  const suffix = `-${createHash('sha512').update(name).digest('hex').slice(0, 8)}`;
  object.metadata.name = lower.slice(0, longestName - suffix.length).replace(/-+$/, '') + suffix;
}

/** Source: longhorn-manager:util/util.go ValidateName@v1.8.0, v1.12.1. */
export function checkName(name: string): void {
  if (!/^[a-z0-9][a-z0-9_.-]+$/.test(name)) throw invalid(`invalid name ${name}`);
}
