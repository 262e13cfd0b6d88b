/**
 * Original values of settings, kept in the cluster before they are changed: a run that is killed cannot restore them,
 * but whoever sweeps after it can.
 */
import { z } from 'zod';
import type { KubeClient, NewObject } from '../kubernetes/client.ts';
import { configMaps, type ConfigMap } from '../kubernetes/core-kinds.ts';
import type { Owned } from '../kubernetes/ownership.ts';
import {
  readSetting,
  restoreSetting,
  withValueForV2,
  writeSetting,
  type ChangedSetting,
  type Restoration,
  type SettingName,
} from './settings.ts';

/** Marks the ConfigMaps that are journals. */
export const journalLabel = 'v2-verifier/journal';

const entrySchema = z.object({ original: z.string(), changedTo: z.string(), namespace: z.string() });

/** An empty journal. */
export function journalManifest(name: string, namespace: string): NewObject {
  return { metadata: { name, namespace, labels: { [journalLabel]: 'settings' } }, data: {} };
}

export class SettingsJournal {
  readonly #client: KubeClient;
  readonly #longhornNamespace: string;
  readonly #configMap: Owned<ConfigMap>;

  constructor(client: KubeClient, longhornNamespace: string, configMap: Owned<ConfigMap>) {
    this.#client = client;
    this.#longhornNamespace = longhornNamespace;
    this.#configMap = configMap;
  }

  /**
   * Writes the original value down, then changes the setting for V2. The answer puts it back.
   * @throws Error when there is no such setting
   */
  async change(name: SettingName, wanted: string): Promise<(client: KubeClient) => Promise<Restoration>> {
    const original = await readSetting(this.#client, this.#longhornNamespace, name);
    if (original === undefined) throw new Error(`Longhorn has no setting ${name} in ${this.#longhornNamespace}`);
    const change: ChangedSetting = { name, original, changedTo: withValueForV2(original, wanted) };
    const entry = { original, changedTo: change.changedTo, namespace: this.#longhornNamespace };
    await this.#client.patch(configMaps, this.#configMap.ref, { merge: { data: { [name]: JSON.stringify(entry) } } });
    await writeSetting({ client: this.#client, namespace: this.#longhornNamespace, name, value: change.changedTo });
    return (client) => restoreSetting({ client, namespace: this.#longhornNamespace, change });
  }
}

/** Puts back every setting that a journal holds; answers with what could not be read. */
export async function restoreFromJournal(client: KubeClient, configMap: ConfigMap): Promise<readonly string[]> {
  const unreadable: string[] = [];
  for (const entry of journalEntries(configMap)) {
    if ('unreadable' in entry) unreadable.push(entry.unreadable);
    else await restoreSetting({ client, namespace: entry.namespace, change: entry.change });
  }
  return unreadable;
}

/** The changes that a journal's ConfigMap holds. Entries that cannot be read are answered as such, not dropped. */
export function journalEntries(
  configMap: ConfigMap,
): readonly ({ readonly change: ChangedSetting; readonly namespace: string } | { readonly unreadable: string })[] {
  return Object.entries(configMap.data ?? {}).map(([name, text]) => {
    const parsed = entrySchema.safeParse(safeJson(text));
    if (!parsed.success) return { unreadable: `${name}: ${text}` };
    const { original, changedTo, namespace } = parsed.data;
    return { change: { name, original, changedTo }, namespace };
  });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
