/** Old or new is legal for a write in flight at a crash; both is not, nor anything else. */
import { expect, test } from '@playwright/test';
import { ChurnHistory } from '../../../helpers/oracle/churn-history.ts';
import { makeChurn } from '../../../helpers/oracle/churn-layout.ts';
import { expectedContent, writeInto } from '../../../helpers/oracle/content.ts';
import type { PlannedWrite } from '../../../helpers/oracle/plan.ts';
import { judgeReads, type Settlement } from '../../../helpers/oracle/settle.ts';
import { planOf } from './plans.ts';

const usual = planOf({ volumeSizeBytes: 16 * 1024 * 1024 });
const plan = { ...usual, churn: makeChurn(usual) };
const sector = 512;

/** Write number `round` of the first connection to a block is in flight; `round - 1` was acknowledged, if there was one. */
function inFlight(times: number): { history: ChurnHistory; write: PlannedWrite; before: Buffer; after: Buffer } {
  const history = new ChurnHistory(plan);
  const blocks = plan.churn.connections[0]?.length ?? 0;
  for (let count = 0; count < blocks * times; count++) {
    history.send(0);
    history.acknowledge(0);
  }
  let write = history.send(0);
  // A block of several sectors, so that a part of it can differ.
  while (write.lengthBytes < 3 * sector) {
    history.acknowledge(0);
    write = history.send(0);
  }
  const fill = (generation: number): Buffer => {
    const target = Buffer.alloc(write.lengthBytes);
    writeInto({ seed: plan.seed, write: { ...write, generation }, target });
    return target;
  };
  const acknowledged = new ChurnHistory(plan, { acknowledged: history.acknowledged });
  const mark = acknowledged.begin(write.offsetBytes, write.lengthBytes);
  const generation = mark.blocks[0]?.acknowledged ?? 0;
  const before = generation === 0 ? Buffer.alloc(write.lengthBytes) : fill(generation);
  if (generation === 0) expectedContent(plan).into(write.offsetBytes, before);
  return { history, write, before, after: fill(write.generation) };
}

function judged(
  times: number,
  reads: (old: Buffer, now: Buffer) => Uint8Array[],
): Settlement & { write: PlannedWrite } {
  const { history, write, before, after } = inFlight(times);
  return { ...judgeReads(history, write, write.offsetBytes, reads(before, after)), write };
}

for (const times of [0, 1]) {
  const earlier = times === 0 ? 'nothing but the pattern' : 'an acknowledged write';
  test(`over ${earlier}, all reads old is legal, and so is all reads new, which is then what must be there`, () => {
    const old = judged(times, (before) => [before, before, before]);
    expect([old.landed, old.unstable, old.wrongBlocks]).toEqual([[], [], []]);
    const now = judged(times, (_before, after) => [after, after, after]);
    expect([now.unstable, now.wrongBlocks]).toEqual([[], []]);
    const { offsetBytes, lengthBytes, generation } = now.write;
    expect(now.landed).toEqual([{ offsetBytes, lengthBytes, generation }]);
  });

  test(`over ${earlier}, reads that show now the one and now the other are unstable, and neither is wrong`, () => {
    const { unstable, wrongBlocks, write } = judged(times, (before, after) => [before, after, before, before]);
    const { offsetBytes, lengthBytes, generation } = write;
    expect(unstable).toEqual([{ offsetBytes, lengthBytes, generation, reads: 4, landedReads: 1 }]);
    expect(wrongBlocks).toEqual([]);
  });
}

test('a write of which some sectors are there and some are not is legal, as long as it stays that way', () => {
  const half = (before: Buffer, after: Buffer): Buffer =>
    Buffer.concat([after.subarray(0, sector), before.subarray(sector)]);
  const still = judged(1, (before, after) => [half(before, after), half(before, after)]);
  expect([still.unstable, still.wrongBlocks]).toEqual([[], []]);
  expect(still.landed).toEqual([
    { offsetBytes: still.write.offsetBytes, lengthBytes: sector, generation: still.write.generation },
  ]);
  const moving = judged(1, (before, after) => [half(before, after), after]);
  expect(moving.unstable.map(({ lengthBytes }) => lengthBytes)).toEqual([moving.write.lengthBytes - sector]);
});

test('what is neither old nor new is wrong, however stable it is', () => {
  const { wrongBlocks, unstable } = judged(1, (before) => [Buffer.alloc(before.length), Buffer.alloc(before.length)]);
  expect(unstable).toEqual([]);
  expect(wrongBlocks.map(({ wrongByteKind }) => wrongByteKind)).toEqual(['zeros']);
});

test('a sector that is half old and half new is torn', () => {
  const { wrongBlocks } = judged(1, (before, after) => {
    const torn = Buffer.from(before);
    after.copy(torn, 0, 0, 200);
    return [torn, before];
  });
  expect(wrongBlocks.map(({ wrongByteKind }) => wrongByteKind)).toEqual(['torn']);
});
