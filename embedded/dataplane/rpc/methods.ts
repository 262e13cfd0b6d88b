import { clusterBytes } from '../blobstore/cluster-file.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import type { Lvstore } from '../blobstore/lvstore.ts';
import type { Subsystem } from '../nvmf/nvmf-target.ts';
import {
  aioBdev,
  type Json,
  type JsonObject,
  lvolBdev,
  lvolInfo,
  lvstoreInfo,
  nvmeBdev,
  raidBdev,
  raidInfo,
} from './bdev-view.ts';
import { checksumMethods } from './checksum-methods.ts';
import { findLvol, invalidParameters, noSuchDevice, RpcError, type RpcTarget } from './target.ts';

type Method = (target: RpcTarget, params: Readonly<Record<string, unknown>>) => Json | Promise<Json>;

/** The methods that Longhorn's tools, a lvol audit and its recomputed checksums use. */
export const rpcMethods: Readonly<Record<string, Method>> = {
  bdev_get_bdevs: (target, params) => {
    const all = bdevs(target);
    const name = params['name'];
    if (name === undefined || name === '') return all;
    const found = all.filter(
      (bdev) => bdev['name'] === name || (bdev['aliases'] as readonly Json[]).includes(name as Json),
    );
    if (found.length === 0) throw noSuchDevice();
    return found;
  },

  bdev_raid_get_bdevs: (target, params) => {
    const { category } = params;
    if (!['all', 'online', 'configuring', 'offline'].includes(String(category))) throw invalidParameters();
    if (category === 'configuring' || category === 'offline') return [];
    return target.raids().map((raid) => raidInfo(raid, blockBytesOf(target)));
  },

  bdev_lvol_get_lvstores: (target, params) => chosenStores(target, params).map(lvstoreInfo),

  bdev_lvol_get_lvols: (target, params) =>
    chosenStores(target, params).flatMap((store) => store.lvols().map((lvol) => lvolInfo(store, lvol))),

  nvmf_get_subsystems: (target, params) => {
    const all = [
      discoverySubsystem,
      ...target.services.nvmf.subsystems().map((subsystem) => describe(target.services.ip, subsystem)),
    ];
    const { nqn } = params;
    if (nqn === undefined || nqn === '') return all;
    const found = all.filter((subsystem) => subsystem['nqn'] === nqn);
    if (found.length === 0) throw noSuchDevice();
    return found;
  },

  bdev_lvol_get_fragmap: (target, params) => {
    const lvol = findLvol(target, params['name']);
    const offset = params['offset'] ?? 0;
    const size = params['size'] ?? 0;
    if (typeof offset !== 'number' || typeof size !== 'number') throw invalidParameters();
    const length = size === 0 ? lvol.sizeBytes - offset : size;
    if (offset % clusterBytes !== 0 || length % clusterBytes !== 0 || offset + length > lvol.sizeBytes)
      throw new RpcError(-22, 'Invalid argument');
    return fragmap(lvol, offset / clusterBytes, length / clusterBytes);
  },

  bdev_lvol_get_xattr: (target, params) => {
    const value = findLvol(target, params['name']).xattrs.get(String(params['xattr_name']));
    if (value === undefined) throw new RpcError(-32603, 'No such file or directory');
    return value;
  },

  ...checksumMethods,

  nvmf_delete_subsystem: (target, params) => {
    const subsystem = target.services.nvmf.subsystems().find(({ nqn }) => nqn === params['nqn']);
    if (subsystem === undefined) throw noSuchDevice();
    target.services.nvmf.stopExposing(subsystem.name);
    return true;
  },

  rpc_get_methods: () => Object.keys(rpcMethods),
  spdk_get_version: () => ({
    version: 'SPDK v24.09.1-pre',
    fields: { major: 24, minor: 9, patch: 1, suffix: '-pre' },
  }),
};

function bdevs(target: RpcTarget): JsonObject[] {
  const { services } = target;
  const blockBytes = blockBytesOf(target);
  const exposed = new Set(services.nvmf.subsystems().flatMap(({ bdev }) => (bdev.kind === 'lvol' ? [bdev.lvol] : [])));
  return [
    ...[...services.stores.values()].flatMap((store) => [
      aioBdev(store, target.diskPath(store.name)),
      ...store.lvols().map((lvol) => lvolBdev(store, lvol, exposed.has(lvol) ? 'exclusive_write' : undefined)),
    ]),
    ...[...services.attached.values()].map((attached) => nvmeBdev(attached, blockBytes)),
    ...target.raids().map((raid) => raidBdev(raid, blockBytes, services.nvmf.find(raid.name) !== undefined)),
  ];
}

function blockBytesOf(target: RpcTarget): number {
  const [first] = target.services.stores.values();
  return first?.blockBytes ?? 512;
}

function chosenStores(target: RpcTarget, params: Readonly<Record<string, unknown>>): Lvstore[] {
  const { uuid, lvs_name: name } = params;
  const stores = [...target.services.stores.values()];
  if ((uuid === undefined || uuid === '') && (name === undefined || name === '')) return stores;
  const found = stores.filter((store) => store.uuid === uuid || store.name === name);
  if (found.length === 0) throw noSuchDevice();
  return found;
}

function fragmap(lvol: Lvol, firstCluster: number, clusters: number): JsonObject {
  const bits = Buffer.alloc(Math.ceil(clusters / 8));
  let allocated = 0;
  for (let index = 0; index < clusters; index++) {
    if (!lvol.owns(firstCluster + index)) continue;
    bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
    allocated += 1;
  }
  return {
    cluster_size: clusterBytes,
    num_clusters: clusters,
    num_allocated_clusters: allocated,
    fragmap: bits.toString('base64'),
  };
}

const discoverySubsystem: JsonObject = {
  nqn: 'nqn.2014-08.org.nvmexpress.discovery',
  subtype: 'Discovery',
  listen_addresses: [],
  allow_any_host: true,
  hosts: [],
};

function describe(ip: string, { nqn, port, nguid, bdev }: Subsystem): JsonObject {
  const name = bdev.kind === 'lvol' ? bdev.lvol.uuid : bdev.name;
  return {
    nqn,
    subtype: 'NVMe',
    listen_addresses: [{ trtype: 'TCP', adrfam: 'IPv4', traddr: ip, trsvcid: String(port) }],
    allow_any_host: true,
    hosts: [],
    serial_number: '00000000000000000000',
    model_number: 'SPDK bdev Controller',
    max_namespaces: 32,
    min_cntlid: 1,
    max_cntlid: 65519,
    namespaces: [{ nsid: 1, bdev_name: name, name, nguid, uuid: bdev.kind === 'lvol' ? bdev.lvol.uuid : bdev.uuid }],
  };
}
