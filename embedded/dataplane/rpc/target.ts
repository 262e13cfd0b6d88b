import type { Lvol } from '../blobstore/lvol.ts';
import type { NodeServices } from '../engine/services.ts';
import type { Raid1 } from '../raid/raid1.ts';

/** A JSON-RPC error as SPDK words it: the code is a negative errno or one of JSON-RPC's own. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
  }
}

export const noSuchDevice = (): RpcError => new RpcError(-19, 'No such device');
export const invalidParameters = (): RpcError => new RpcError(-32602, 'Invalid parameters');

export interface RpcTarget {
  readonly services: NodeServices;
  raids(): readonly Raid1[];
  diskPath(diskName: string): string;
}

export function findLvol(target: RpcTarget, name: unknown): Lvol {
  for (const store of target.services.stores.values()) {
    const found = store.lvols().find((lvol) => lvol.uuid === name || lvol.alias === name);
    if (found !== undefined) return found;
  }
  throw noSuchDevice();
}
