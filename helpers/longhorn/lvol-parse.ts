/**
 * The answer of `go-spdk-helper bdev-lvol get` (SPDK's `bdev_get_bdevs`), reduced to what an audit needs. Entries that are
 * no lvols are skipped, so that the raw RPC's answer can be read as well.
 */
import { z } from 'zod';
import type { AuditedLvol } from '../verdict/events.ts';

export interface Lvol extends AuditedLvol {
  readonly lvstoreName: string;
  readonly uuid: string;
  readonly sizeBytes: number;
  readonly clones: readonly string[];
  /** Of a snapshot that was hashed; decimal. */
  readonly snapshotChecksum?: string;
  /** Of a snapshot: `true` where a user took it, else `false`. */
  readonly userCreated?: string;
  /** Of a snapshot: when its engine took it, the same on every replica. */
  readonly snapshotTimestamp?: string;
}

const bdevsSchema = z.array(
  z.looseObject({
    aliases: z.array(z.string()).nullish(),
    uuid: z.string().optional(),
    block_size: z.number(),
    num_blocks: z.number(),
    driver_specific: z
      .looseObject({
        lvol: z
          .looseObject({
            lvol_store_uuid: z.string(),
            /** Absent, or empty, when there is no parent in the same lvstore. */
            base_snapshot: z.string().optional(),
            num_allocated_clusters: z.number().optional(),
            snapshot: z.boolean().optional(),
            esnap_clone: z.boolean().optional(),
            external_snapshot_name: z.string().optional(),
            clones: z.array(z.string()).nullish(),
            xattrs: z.record(z.string(), z.string()).nullish(),
          })
          .optional(),
      })
      .nullish(),
  }),
);

/** @throws SyntaxError or ZodError when the text is not such an answer */
export function parseLvols(json: string): Lvol[] {
  return bdevsSchema.parse(JSON.parse(json)).flatMap((bdev) => {
    const lvol = bdev.driver_specific?.lvol;
    const alias = bdev.aliases?.find((candidate) => candidate.includes('/'));
    if (lvol === undefined || alias === undefined) return [];
    const slash = alias.indexOf('/');
    return [
      {
        name: alias.slice(slash + 1),
        lvstoreName: alias.slice(0, slash),
        uuid: bdev.uuid ?? '',
        lvstoreUuid: lvol.lvol_store_uuid,
        parent: lvol.base_snapshot === undefined || lvol.base_snapshot === '' ? null : lvol.base_snapshot,
        allocatedClusters: lvol.num_allocated_clusters ?? 0,
        isSnapshot: lvol.snapshot ?? false,
        isEsnapClone: lvol.esnap_clone ?? (lvol.external_snapshot_name ?? '') !== '',
        sizeBytes: bdev.block_size * bdev.num_blocks,
        clones: lvol.clones ?? [],
        ...attributes(lvol.xattrs ?? {}),
      },
    ];
  });
}

/** An attribute that is not there is reported as empty, or not at all. */
function attributes(
  xattrs: Readonly<Record<string, string>>,
): Pick<Lvol, 'snapshotChecksum' | 'userCreated' | 'snapshotTimestamp'> {
  const {
    snapshot_checksum: checksum = '',
    user_created: userCreated = '',
    snapshot_timestamp: timestamp = '',
  } = xattrs;
  return {
    ...(checksum === '' ? {} : { snapshotChecksum: checksum }),
    ...(userCreated === '' ? {} : { userCreated }),
    ...(timestamp === '' ? {} : { snapshotTimestamp: timestamp }),
  };
}

const listedSchema = z.array(z.looseObject({ alias: z.string(), is_esnap_clone: z.boolean().optional() }));

/**
 * The lvols that the answer of `go-spdk-helper bdev-lvstore list-lvols` shows to read from a bdev of another node. Its
 * `bdev-lvol get` leaves that out: there, such an lvol looks as if it had no parent at all.
 *
 * @throws SyntaxError or ZodError when the text is not such an answer
 */
export function markEsnapClones(lvols: readonly Lvol[], listedJson: string): Lvol[] {
  const listed = listedSchema.parse(JSON.parse(listedJson));
  const external = new Set(listed.filter((lvol) => lvol.is_esnap_clone === true).map(({ alias }) => alias));
  return lvols.map((lvol) =>
    external.has(`${lvol.lvstoreName}/${lvol.name}`) ? { ...lvol, isEsnapClone: true } : lvol,
  );
}

/** Whether each lvol of that answer is among these: one whose external snapshot is out of reach has no bdev. */
export function hasAllListed(lvols: readonly Lvol[], listedJson: string): boolean {
  const known = new Set(lvols.map(({ lvstoreName, name }) => `${lvstoreName}/${name}`));
  return listedSchema.parse(JSON.parse(listedJson)).every(({ alias }) => known.has(alias));
}
