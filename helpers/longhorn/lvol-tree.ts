/** Reads the lvols of all disks through the V2 instance managers' own tool, and the objects they must agree with. */
import type { KubeClient } from '../kubernetes/client.ts';
import { backingImages, snapshots, type BackingImage } from './kinds.ts';
import { helperIn, runningInstanceManagers, type Helper } from './helper-exec.ts';
import { parseStores, type StoreUse, unchangedStores } from './disk-accounts.ts';
import { hasAllListed, markEsnapClones, parseLvols, type Lvol } from './lvol-parse.ts';
import { backingImageLvolName, lvolKey } from './lvol-audit.ts';
import type { Subject } from './subject.ts';

export type LvolTree =
  | {
      readonly kind: 'read';
      readonly lvols: readonly Lvol[];
      /** Of the lvstores on which nothing changed meanwhile and whose lvols are all there. */
      readonly stores: readonly StoreUse[];
    }
  /** The target does not let us look; why, as a sentence. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Lvols of every disk of every node that runs a V2 instance manager. Never throws for what the target forbids. */
export async function readLvolTree(client: KubeClient, namespace: string): Promise<LvolTree> {
  try {
    const managers = await runningInstanceManagers(client, namespace);
    const perPod = await Promise.all(managers.map((name) => lvolsOfPod(helperIn(client, namespace, name))));
    return {
      kind: 'read',
      lvols: perPod.flatMap(({ lvols }) => lvols),
      stores: perPod.flatMap(({ stores }) => stores),
    };
  } catch (error) {
    if (client.signal.aborted) throw error;
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function lvolsOfPod(helper: Helper): Promise<{ lvols: Lvol[]; stores: StoreUse[] }> {
  const usedBefore = parseStores(await helper(['bdev-lvstore', 'get']));
  let lvols = parseLvols(await helper(['bdev-lvol', 'get']));
  const incomplete = new Set<string>();
  for (const lvstoreName of new Set(lvols.map((lvol) => lvol.lvstoreName))) {
    const listed = await helper(['bdev-lvstore', 'list-lvols', '--lvs-name', lvstoreName]);
    lvols = markEsnapClones(lvols, listed);
    if (!hasAllListed(lvols, listed)) incomplete.add(lvstoreName);
  }
  const usedAfter = parseStores(await helper(['bdev-lvstore', 'get']));
  return { lvols, stores: unchangedStores(usedBefore, usedAfter).filter(({ name }) => !incomplete.has(name)) };
}

/** Image copies that their BackingImage still wants, as keys of lvols: only these may not disappear. */
export async function wantedImageLvols(client: KubeClient, namespace: string): Promise<ReadonlySet<string>> {
  const { items } = await client.list(backingImages, { namespace });
  return new Set(items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).flatMap(wantedCopies));
}

function wantedCopies({ metadata, spec }: BackingImage): string[] {
  return Object.entries(spec.diskFileSpecMap ?? {})
    .filter(([, copy]) => copy.dataEngine === 'v2')
    .map(([lvstoreUuid]) => lvolKey({ lvstoreUuid, name: backingImageLvolName(metadata.name, lvstoreUuid) }));
}

/** `status.checksum` of the volume's Snapshot objects, by name; those that have none are left out. */
export async function readSnapshotChecksums(client: KubeClient, subject: Subject): Promise<Record<string, string>> {
  const { namespace, name } = subject;
  const { items } = await client.list(snapshots, { namespace, labelSelector: `longhornvolume=${name}` });
  return Object.fromEntries(
    items.flatMap(({ metadata, status }): [string, string][] => {
      const checksum = status?.checksum ?? '';
      return checksum === '' ? [] : [[metadata.name, checksum]];
    }),
  );
}
