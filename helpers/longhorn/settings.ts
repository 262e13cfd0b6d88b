/**
 * Longhorn's settings: read, changed for a while, put back. Since 1.10 some values are JSON objects with one entry per
 * data engine, others are plain, and the names do not tell: the value itself does
 * (longhorn-manager:types/setting.go@v1.10.0).
 */
import type { KubeClient } from '../kubernetes/client.ts';
import { settings } from './kinds.ts';

export type SettingName =
  | 'v2-data-engine'
  | 'v2-data-engine-hugepage-limit'
  | 'data-engine-memory-size'
  | 'data-engine-hugepage-enabled'
  | 'concurrent-replica-rebuild-per-node-limit'
  | 'auto-cleanup-system-generated-snapshot'
  | 'fast-replica-rebuild-enabled'
  | 'v2-data-engine-fast-replica-rebuilding'
  | 'replica-soft-anti-affinity'
  | 'replica-disk-soft-anti-affinity';

/** The value as it applies to V2: that entry of a JSON object, or the plain text. */
export function valueForV2(value: string): string {
  const perEngine = parsePerEngine(value);
  return perEngine?.['v2'] ?? value;
}

/** The text that makes `wanted` apply to V2 and leaves other engines as they are. */
export function withValueForV2(current: string, wanted: string): string {
  const perEngine = parsePerEngine(current);
  return perEngine === undefined ? wanted : JSON.stringify({ ...perEngine, v2: wanted });
}

function parsePerEngine(value: string): Record<string, string> | undefined {
  if (!value.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(value) as Record<string, string>;
  } catch {
    return undefined;
  }
}

export async function readSetting(
  client: KubeClient,
  namespace: string,
  name: SettingName,
): Promise<string | undefined> {
  return (await client.find(settings, { namespace, name }))?.value;
}

export async function writeSetting(options: {
  client: KubeClient;
  namespace: string;
  name: string;
  value: string;
}): Promise<void> {
  const { client, namespace, name, value } = options;
  await client.patch(settings, { namespace, name }, { merge: { value } });
}

/** A setting that a run changed: what it was, and what the run made of it. */
export interface ChangedSetting {
  readonly name: string;
  readonly original: string;
  readonly changedTo: string;
}

export type Restoration = 'restored' | 'unchanged' | 'changed by others';

/**
 * Puts a setting back, unless somebody else has given it a third value since: theirs is then the newer will.
 */
export async function restoreSetting(options: {
  client: KubeClient;
  namespace: string;
  change: ChangedSetting;
}): Promise<Restoration> {
  const { client, namespace, change } = options;
  const current = await client.find(settings, { namespace, name: change.name });
  if (current === undefined || current.value === change.original) return 'unchanged';
  if (current.value !== change.changedTo) return 'changed by others';
  await writeSetting({ client, namespace, name: change.name, value: change.original });
  return 'restored';
}
