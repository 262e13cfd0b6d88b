/**
 * The clusters that an lvstore counts as used, held against those that its lvols own. A cluster that is owned and counted
 * as free is given away again; one that is used and nobody's is lost. Recorded of SPDK as of Longhorn 1.8.0 and 1.8.1 the
 * two are equal at every moment at which nothing is written.
 */
import { z } from 'zod';
import type { FoundProblem } from './lvol-audit.ts';
import type { Lvol } from './lvol-parse.ts';

export interface StoreUse {
  readonly uuid: string;
  readonly name: string;
  readonly usedClusters: number;
}

const storesSchema = z.array(
  z.looseObject({ uuid: z.string(), name: z.string(), total_data_clusters: z.number(), free_clusters: z.number() }),
);

/** @throws SyntaxError or ZodError when the text is not an answer of `go-spdk-helper bdev-lvstore get` */
export function parseStores(json: string): StoreUse[] {
  return storesSchema
    .parse(JSON.parse(json))
    .map(({ uuid, name, total_data_clusters: total, free_clusters: free }) => ({
      uuid,
      name,
      usedClusters: total - free,
    }));
}

/** Those that count the same in both: nothing on them changed between the two looks. */
export function unchangedStores(before: readonly StoreUse[], after: readonly StoreUse[]): StoreUse[] {
  return before.filter(({ uuid, usedClusters }) =>
    after.some((store) => store.uuid === uuid && store.usedClusters === usedClusters),
  );
}

export function accountProblems(stores: readonly StoreUse[], lvols: readonly Lvol[]): FoundProblem[] {
  return stores.flatMap(({ uuid, name, usedClusters }): FoundProblem[] => {
    const owners = lvols.filter(({ lvstoreUuid }) => lvstoreUuid === uuid);
    const owned = owners.reduce((sum, { allocatedClusters }) => sum + allocatedClusters, 0);
    if (owned === usedClusters) return [];
    const detail = `lvstore ${name} counts ${String(usedClusters)} clusters as used, its ${String(owners.length)} lvols own ${String(owned)}`;
    return [{ problem: 'disk-accounts-differ', replica: '', diskUuid: uuid, detail }];
  });
}
