import { ChurnHistory } from '../../helpers/oracle/churn-history.ts';
import type { ChurnState } from '../../helpers/oracle/churn.ts';
import type { Plan } from '../../helpers/oracle/plan.ts';
import { judgeReads, type DoubtfulStretch, type Settlement } from '../../helpers/oracle/settle.ts';
import { allocateAligned } from '../device/aligned-memory.ts';
import type { Device } from '../device/device.ts';
import { ProbeError } from '../exit-codes.ts';

/** What the probe answers to `settle`. */
export interface SettleResult extends Settlement {
  /** Every write that was in flight. */
  readonly doubtful: readonly DoubtfulStretch[];
  /** Of each place. */
  readonly reads: number;
}

/** So many reads of one place in flight at once: raid1 then asks every replica. */
export const readsAtOnce = 8;
const rounds = 4;
const pieceBytes = 64 * 1024;

/**
 * Looks at each write that was in flight at a crash, again and again and by several requests at once, and judges what they
 * showed by its history. Nothing else of the device is read.
 *
 * @throws {ProbeError} when the device cannot be read, or `sent` does not go with the state
 */
export async function settle(options: {
  device: Device;
  /** Its writes are what was there before. */
  plan: Plan;
  state: ChurnState;
  /** Per connection, how many writes were sent. */
  sent: readonly number[];
}): Promise<SettleResult> {
  const { device, plan, state, sent } = options;
  if (sent.length !== state.acknowledged.length) {
    throw new ProbeError('input', `there are ${state.acknowledged.length} connections, --sent names ${sent.length}`);
  }
  const history = new ChurnHistory(plan, state);
  const writes = state.acknowledged.flatMap((count, connection) =>
    (sent[connection] ?? 0) > count ? [history.send(connection)] : [],
  );
  const found: Settlement[] = [];
  for (const write of writes) {
    const end = write.offsetBytes + write.lengthBytes;
    for (let at = write.offsetBytes; at < end; at += pieceBytes) {
      const reads = await readOften(device, at, Math.min(pieceBytes, end - at));
      found.push(judgeReads(history, write, at, reads));
    }
  }
  return {
    doubtful: writes.map(({ offsetBytes, lengthBytes, generation }) => {
      const [known] = history.begin(offsetBytes, lengthBytes).blocks;
      return { offsetBytes, lengthBytes, generation, beforeGeneration: known?.acknowledged ?? 0 };
    }),
    reads: rounds * readsAtOnce,
    landed: found.flatMap(({ landed }) => landed),
    unstable: found.flatMap(({ unstable }) => unstable),
    wrongBlocks: found.flatMap(({ wrongBlocks }) => wrongBlocks),
  };
}

async function readOften(device: Device, offsetBytes: number, lengthBytes: number): Promise<Uint8Array[]> {
  const reads: Uint8Array[] = [];
  for (let round = 0; round < rounds; round++) {
    const targets = Array.from({ length: readsAtOnce }, () => allocateAligned(lengthBytes));
    await Promise.all(targets.map((target) => device.read(offsetBytes, target)));
    reads.push(...targets);
  }
  return reads;
}
