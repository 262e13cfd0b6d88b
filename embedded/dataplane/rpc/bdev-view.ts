import { clusterBytes } from '../blobstore/cluster-file.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import type { Lvstore } from '../blobstore/lvstore.ts';
import type { NvmeBdev } from '../nvmf/nvmf-target.ts';
import type { Raid1 } from '../raid/raid1.ts';
import { seededRandom } from '../random.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

const uint64Mark = '\u0000uint64:';

/** A number that JavaScript's have no room for; `jsonText` writes its digits. */
export const uint64 = (value: bigint): string => `${uint64Mark}${value.toString()}`;

export function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll(/"\\u0000uint64:(\d+)"/g, '$1');
}

/** Field for field and in the order in which SPDK v24.09 of Longhorn 1.8 answers `bdev_get_bdevs`. */
interface BdevHead {
  name: string;
  alias: string;
  product: string;
  blockBytes: number;
  sizeBytes: number;
  uuid: string;
  creationTime?: string;
  claim: string | undefined;
  ioTypes: readonly string[];
}

const ioTypes = [
  'read',
  'write',
  'unmap',
  'flush',
  'reset',
  'nvme_admin',
  'nvme_io',
  'nvme_io_md',
  'write_zeroes',
  'zcopy',
  'get_zone_info',
  'zone_management',
  'zone_append',
  'compare',
  'compare_and_write',
  'abort',
  'seek_hole',
  'seek_data',
  'copy',
  'nvme_iov_md',
] as const;

const memoryDomain = { dma_device_id: 'system', dma_device_type: 1 };

function bdev(
  head: BdevHead,
  extra: { numaId?: number; memoryDomains?: number },
  driverSpecific: JsonObject,
): JsonObject {
  return {
    name: head.name,
    aliases: [head.alias],
    product_name: head.product,
    block_size: head.blockBytes,
    num_blocks: head.sizeBytes / head.blockBytes,
    uuid: head.uuid,
    ...(extra.numaId === undefined ? {} : { numa_id: extra.numaId }),
    creation_time: head.creationTime ?? '',
    assigned_rate_limits: { rw_ios_per_sec: 0, rw_mbytes_per_sec: 0, r_mbytes_per_sec: 0, w_mbytes_per_sec: 0 },
    claimed: head.claim !== undefined,
    ...(head.claim === undefined ? {} : { claim_type: head.claim }),
    zoned: false,
    supported_io_types: Object.fromEntries(ioTypes.map((type) => [type, head.ioTypes.includes(type)])),
    ...(extra.memoryDomains === undefined
      ? {}
      : { memory_domains: Array.from({ length: extra.memoryDomains }, () => memoryDomain) }),
    driver_specific: driverSpecific,
  };
}

export function aioBdev(store: Lvstore, path: string): JsonObject {
  const uuid = seededRandom(store.uuid, 'aio').uuid();
  return bdev(
    {
      name: store.name,
      alias: uuid,
      product: 'AIO disk',
      blockBytes: store.blockBytes,
      sizeBytes: store.file.sizeBytes,
      uuid,
      claim: 'read_many_write_one',
      ioTypes: ['read', 'write', 'flush', 'reset', 'write_zeroes'],
    },
    {},
    { aio: { filename: path, block_size_override: true, readonly: false, fallocate: false } },
  );
}

export function lvolBdev(store: Lvstore, lvol: Lvol, claim: string | undefined): JsonObject {
  const writable = lvol.isSnapshot ? [] : ['write', 'unmap', 'write_zeroes'];
  return bdev(
    {
      name: lvol.uuid,
      alias: lvol.alias,
      product: 'Logical Volume',
      blockBytes: store.blockBytes,
      sizeBytes: lvol.sizeBytes,
      uuid: lvol.uuid,
      creationTime: lvol.creationTime,
      claim,
      ioTypes: ['read', 'flush', 'reset', 'seek_hole', 'seek_data', ...writable],
    },
    lvol.parent.kind === 'esnap' ? { memoryDomains: 1 } : {},
    {
      lvol: {
        lvol_store_uuid: store.uuid,
        base_bdev: store.name,
        thin_provision: true,
        num_allocated_clusters: lvol.allocatedClusters,
        snapshot: lvol.isSnapshot,
        clone: lvol.parent.kind === 'snapshot',
        ...(lvol.parent.kind === 'snapshot' ? { base_snapshot: lvol.parent.lvol.name } : {}),
        ...(lvol.clones.size > 0 ? { clones: [...lvol.clones].map((clone) => clone.name) } : {}),
        esnap_clone: lvol.parent.kind === 'esnap',
        ...(lvol.parent.kind === 'esnap' ? { external_snapshot_name: lvol.parent.external.bdevUuid } : {}),
      },
    },
  );
}

/** A bdev whose connection is lost shows no size; SPDK removes it after its controller-loss timeout. */
export function nvmeBdev(attached: NvmeBdev, blockBytes: number): JsonObject {
  const lvol = remoteLvol(attached);
  const writable = lvol?.isSnapshot === true ? [] : ['unmap'];
  const subnqn = `nqn.2023-01.io.longhorn.spdk:${attached.name}`;
  return bdev(
    {
      name: attached.bdevName,
      alias: attached.bdevUuid,
      product: 'NVMe disk',
      blockBytes,
      sizeBytes: lvol?.sizeBytes ?? 0,
      uuid: attached.bdevUuid,
      claim: attached.claim,
      ioTypes: [
        'read',
        'write',
        'flush',
        'reset',
        'nvme_admin',
        'nvme_io',
        'write_zeroes',
        'compare',
        'compare_and_write',
        'abort',
        'copy',
        ...writable,
      ],
    },
    { numaId: -1, memoryDomains: 1 },
    {
      nvme: [
        {
          trid: { trtype: 'TCP', adrfam: 'IPv4', traddr: attached.ip, trsvcid: String(attached.port), subnqn },
          ctrlr_data: {
            cntlid: 1,
            vendor_id: '0x8086',
            model_number: 'SPDK bdev Controller',
            serial_number: '00000000000000000000',
            firmware_revision: '24.09.1',
            subnqn,
            oacs: { security: 0, format: 0, firmware: 0, ns_manage: 0 },
            multi_ctrlr: true,
            ana_reporting: false,
          },
          vs: { nvme_version: '1.3' },
          ns_data: { id: 1, can_share: true },
        },
      ],
      mp_policy: 'active_passive',
    },
  );
}

export function raidBdev(raid: Raid1, blockBytes: number, isExposed: boolean): JsonObject {
  const { name: _name, ...raidFields } = raidInfo(raid, blockBytes);
  return bdev(
    {
      name: raid.name,
      alias: raid.uuid,
      product: 'Raid Volume',
      blockBytes,
      sizeBytes: raid.sizeBytes,
      uuid: raid.uuid,
      claim: isExposed ? 'exclusive_write' : undefined,
      ioTypes: ['read', 'write', 'unmap', 'flush', 'reset', 'write_zeroes'],
    },
    { memoryDomains: raid.configuredSlots().length },
    { raid: raidFields },
  );
}

/** One entry of `bdev_raid_get_bdevs`; the list of base bdevs is in slot order. */
export function raidInfo(raid: Raid1, blockBytes: number): JsonObject {
  const discovered = raid.configuredSlots().length;
  const dataSize = raid.sizeBytes / blockBytes;
  return {
    name: raid.name,
    uuid: raid.uuid,
    strip_size_kb: 0,
    state: 'online',
    raid_level: 'raid1',
    superblock: false,
    num_base_bdevs: raid.slots.length,
    num_base_bdevs_discovered: discovered,
    num_base_bdevs_operational: discovered,
    delta_bitmap_enabled: false,
    base_bdevs_list: raid.slots.map((base) => ({
      name: base?.bdevName ?? null,
      uuid: base?.bdevUuid ?? '00000000-0000-0000-0000-000000000000',
      is_configured: base !== undefined,
      delta_bitmap_state: 'none',
      data_offset: 0,
      data_size: dataSize,
    })),
  };
}

export function lvstoreInfo(store: Lvstore): JsonObject {
  return {
    uuid: store.uuid,
    name: store.name,
    base_bdev: store.name,
    total_data_clusters: store.file.totalClusters,
    free_clusters: store.file.freeClusters,
    block_size: store.blockBytes,
    cluster_size: clusterBytes,
  };
}

/** One entry of `bdev_lvol_get_lvols`. */
export function lvolInfo(store: Lvstore, lvol: Lvol): JsonObject {
  return {
    alias: lvol.alias,
    uuid: lvol.uuid,
    name: lvol.name,
    creation_time: lvol.creationTime,
    is_thin_provisioned: true,
    is_snapshot: lvol.isSnapshot,
    is_clone: lvol.parent.kind === 'snapshot',
    is_esnap_clone: lvol.parent.kind === 'esnap',
    is_degraded: lvol.parent.kind === 'esnap' && remoteLvol(lvol.parent.external) === undefined,
    lvs: { name: store.name, uuid: store.uuid },
  };
}

function remoteLvol(external: { lvol(): Lvol }): Lvol | undefined {
  try {
    return external.lvol();
  } catch {
    return undefined;
  }
}
