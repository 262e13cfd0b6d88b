import type { DataPlaneHooks } from '../../faults/hooks.ts';
import { SpdkError } from '../blobstore/errors.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import type { NvmeBdev } from '../nvmf/nvmf-target.ts';

export type WriteRequest =
  | { operation: 'write'; offset: number; length: number; data: Uint8Array }
  | { operation: 'write-zeroes' | 'unmap'; offset: number; length: number; data?: never };

export interface BaseBdevWrite {
  readonly engineName: string;
  readonly connection: number;
  readonly slot: number;
  readonly bdev: NvmeBdev;
  readonly hooks: DataPlaneHooks;
  /** @throws SpdkError when the target has died meanwhile */
  readonly requireRunning: () => void;
}

/**
 * A write to one base bdev of a raid: done when this returns, or when the promise that it returns resolves.
 * @throws SpdkError EIO when the base bdev fails it
 */
export function writeToBaseBdev(write: BaseBdevWrite, request: WriteRequest): Promise<void> | undefined {
  const { engineName, connection, slot, bdev, hooks, requireRunning } = write;
  const { operation, offset, length, data } = request;
  const lvol = bdev.lvol();
  const decision = hooks.baseBdevWrite?.({
    engineName,
    connection,
    replica: bdev.name,
    slot,
    operation,
    offset,
    length,
    data,
    lvol,
  }) ?? { kind: 'apply' };
  switch (decision.kind) {
    case 'apply':
      apply(lvol, request);
      return undefined;
    case 'alter':
      lvol.write(offset, decision.data);
      return undefined;
    case 'slow':
      if (decision.lands === 'at-once') {
        apply(lvol, request);
        return decision.when;
      }
      return decision.when.then(() => {
        requireRunning();
        apply(bdev.lvol(), request);
      });
    case 'fail':
      throw new SpdkError('EIO', `base bdev ${bdev.bdevName} failed the write at ${offset}+${length}`);
    case 'later': {
      const late: WriteRequest = data === undefined ? request : { ...request, data: Uint8Array.from(data) };
      void decision.when.then(() => {
        // An lvol that is gone by then never gets it.
        if (!lvol.isDeleted) apply(lvol, late);
      });
      return undefined;
    }
    case 'drop':
    case 'fail-unnoticed':
      return undefined;
  }
}

function apply(lvol: Lvol, request: WriteRequest): void {
  switch (request.operation) {
    case 'write':
      lvol.write(request.offset, request.data);
      return;
    case 'write-zeroes':
      lvol.writeZeroes(request.offset, request.length);
      return;
    case 'unmap':
      lvol.unmap(request.offset, request.length);
  }
}
