/** The history of blocks while writes go on: what it explains is never accused, and each kind of violation is found. */
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { ChurnHistory } from '../../../helpers/oracle/churn-history.ts';
import { makeChurn } from '../../../helpers/oracle/churn-layout.ts';
import { ChurnSequence, churnedWrites, type ChurnPlan } from '../../../helpers/oracle/churn.ts';
import { writeInto } from '../../../helpers/oracle/content.ts';
import { mibBytes, sectorBytes } from '../../../helpers/oracle/geometry.ts';
import { makePlan } from '../../../helpers/oracle/make-plan.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import type { Plan, PlannedWrite, WrongByteKind } from '../../../helpers/oracle/plan.ts';
import { planOfContent } from '../../../helpers/oracle/recipe.ts';

function planWithChurn(seed: string, volumeMib = 16): Plan & { churn: ChurnPlan } {
  const volumeSizeBytes = volumeMib * mibBytes;
  const usual = makePlan({ seed, imageFormat: 'raw', volumeSizeBytes, replicaCount: 2, reads: 1 });
  return { ...usual, churn: makeChurn(usual) };
}

const plan = planWithChurn('churn tests');
const oracle = createOracle(plan);
const connections = plan.churn.connections.length;
/** A device in memory that holds what the pattern left. */
const before = Buffer.alloc(plan.volume.sizeBytes);
oracle.expectedInto(0, before);

function apply(device: Buffer, write: PlannedWrite): void {
  writeInto({
    seed: plan.seed,
    write,
    target: device.subarray(write.offsetBytes, write.offsetBytes + write.lengthBytes),
  });
}

type Act =
  | { kind: 'send' | 'land' | 'acknowledge'; connection: number }
  | { kind: 'begin' | 'judge'; at: number; sectors: number }
  /** Where a connection writes: what it sent last, or will send next. */
  | { kind: 'begin there'; connection: number; which: 'last' | 'next' };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('send' as const, 'land' as const, 'acknowledge' as const),
    connection: fc.nat(connections - 1),
  }),
  fc.record({
    kind: fc.constantFrom('begin' as const, 'judge' as const),
    at: fc.nat(plan.volume.sizeBytes / sectorBytes - 256),
    sectors: fc.integer({ min: 1, max: 256 }),
  }),
  // Most of the device is written by nobody: without these, hardly a read would meet a write in flight.
  fc.record({
    kind: fc.constant('begin there' as const),
    connection: fc.nat(connections - 1),
    which: fc.constantFrom('last' as const, 'next' as const),
  }),
);

test('blocks are of every size, by several connections, and never overlap', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.constantFrom(16, 64, 131), (seed, volumeMib) => {
      const { churn, volume } = planWithChurn(seed, volumeMib);
      const blocks = churn.connections.flat().sort((a, b) => a.offsetBytes - b.offsetBytes);
      for (const [index, { offsetBytes, lengthBytes }] of blocks.entries()) {
        const end = offsetBytes + lengthBytes;
        if (offsetBytes % sectorBytes !== 0 || lengthBytes % sectorBytes !== 0) return false;
        if (end > (blocks[index + 1]?.offsetBytes ?? volume.sizeBytes)) return false;
      }
      const lengths = blocks.map(({ lengthBytes }) => lengthBytes);
      const touching = blocks.filter((block, index) => {
        const next = blocks[index + 1];
        return next !== undefined && block.offsetBytes + block.lengthBytes === next.offsetBytes;
      });
      return (
        churn.connections.every((own) => own.length >= 20) &&
        blocks[0]?.offsetBytes === 0 &&
        lengths.includes(sectorBytes) &&
        Math.max(...lengths) > mibBytes &&
        touching.length > blocks.length / 4
      );
    }),
    { numRuns: 40 },
  );
});

test('a read that its history explains is never accused, wherever writes are while it runs', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 60, maxLength: 60 }), (acts) => {
      const history = new ChurnHistory(plan);
      const sequence = new ChurnSequence(plan.seed, plan.churn);
      const device = Buffer.from(before);
      const sent = new Map<number, { write: PlannedWrite; landed: boolean }>();
      const reads: { mark: ReturnType<ChurnHistory['begin']>; offsetBytes: number; lengthBytes: number }[] = [];
      for (const step of acts) {
        if (step.kind === 'send' && !sent.has(step.connection)) {
          sent.set(step.connection, { write: history.send(step.connection), landed: false });
        } else if (step.kind === 'land') {
          const flying = sent.get(step.connection);
          if (flying === undefined) continue;
          apply(device, flying.write);
          flying.landed = true;
        } else if (step.kind === 'acknowledge') {
          if (sent.get(step.connection)?.landed !== true) continue;
          history.acknowledge(step.connection);
          sent.delete(step.connection);
        } else if (step.kind === 'begin') {
          const [offsetBytes, lengthBytes] = [step.at * sectorBytes, step.sectors * sectorBytes];
          reads.push({ mark: history.begin(offsetBytes, lengthBytes), offsetBytes, lengthBytes });
        } else if (step.kind === 'begin there') {
          const sentCount = history.sent[step.connection] ?? 0;
          const index = step.which === 'next' ? sentCount : Math.max(0, sentCount - 1);
          const { offsetBytes, lengthBytes } = sequence.write(step.connection, index);
          reads.push({ mark: history.begin(offsetBytes, lengthBytes), offsetBytes, lengthBytes });
        } else if (step.kind === 'judge') {
          const read = reads.shift();
          if (read === undefined) continue;
          const found = Buffer.from(device.subarray(read.offsetBytes, read.offsetBytes + read.lengthBytes));
          if (history.judge(read.mark, found).length > 0) return false;
        }
      }
      return true;
    }),
    { numRuns: 60 },
  );
});

test('once nothing is in flight, the acknowledged counts say what every byte is', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(150), { minLength: connections, maxLength: connections }), (acknowledged) => {
      const device = Buffer.from(before);
      const history = new ChurnHistory(plan);
      for (const [connection, count] of acknowledged.entries()) {
        for (let index = 0; index < count; index++) {
          apply(device, history.send(connection));
          history.acknowledge(connection);
        }
      }
      const expected = createOracle(planOfContent(plan, { stages: ['pattern'], churn: { acknowledged } }));
      return expected.classify({ offsetBytes: 0, found: device }).length === 0;
    }),
    { numRuns: 5 },
  );
});

interface Violation {
  readonly kind: WrongByteKind;
  readonly spoil: (sector: Buffer, versions: { older: Buffer; elsewhere: Buffer }) => void;
}

const violations: readonly Violation[] = [
  { kind: 'older-generation', spoil: (sector, { older }) => older.copy(sector) },
  { kind: 'zeros', spoil: (sector) => sector.fill(0) },
  { kind: 'garbage', spoil: (sector) => sector.fill(0xa5) },
  { kind: 'other-offset', spoil: (sector, { elsewhere }) => elsewhere.copy(sector) },
  { kind: 'torn', spoil: (sector, { older }) => older.copy(sector, 256, 256) },
];

for (const { kind, spoil } of violations) {
  test(`a read that shows a block's sector as ${kind} is accused of it, there and nowhere else`, () => {
    const history = new ChurnHistory(plan);
    const device = Buffer.from(before);
    const [own = []] = plan.churn.connections;
    const writes = Array.from({ length: 2 * own.length }, () => {
      const write = history.send(0);
      apply(device, write);
      history.acknowledge(0);
      return write;
    });
    const { offsetBytes } = writes.at(-1) as PlannedWrite;
    const earlier = writes.findLast((write, index) => write.offsetBytes === offsetBytes && index < writes.length - 1);
    const older = Buffer.alloc(sectorBytes);
    writeInto({ seed: plan.seed, write: { ...(earlier as PlannedWrite), lengthBytes: sectorBytes }, target: older });
    const other = writes.at(-2) as PlannedWrite;
    const elsewhere = Buffer.from(device.subarray(other.offsetBytes, other.offsetBytes + sectorBytes));
    const mark = history.begin(offsetBytes, sectorBytes);
    const found = Buffer.from(device.subarray(offsetBytes, offsetBytes + sectorBytes));
    spoil(found, { older, elsewhere });
    const [block, ...more] = history.judge(mark, found);
    expect(more).toEqual([]);
    expect(block).toMatchObject({ offsetBytes, lengthBytes: sectorBytes, wrongByteKind: kind, rangeClass: 'written' });
  });
}

test('a version that was sent only after the read ended, or that belongs to another block, is no excuse', () => {
  const history = new ChurnHistory(plan);
  const write = history.send(1);
  history.acknowledge(1);
  const { offsetBytes } = write;
  const mark = history.begin(offsetBytes, sectorBytes);
  const never = Buffer.alloc(sectorBytes);
  const unsent = { ...write, lengthBytes: sectorBytes, generation: write.generation + 1 };
  writeInto({ seed: plan.seed, write: unsent, target: never });
  history.send(1);
  expect(history.judge(mark, never)).toMatchObject([{ offsetBytes, wrongByteKind: 'garbage' }]);
});

test('a history that goes on from a state expects what the earlier one left', () => {
  const acknowledged = plan.churn.connections.map((own, connection) => own.length + connection);
  const device = Buffer.from(before);
  for (const write of churnedWrites(plan, { acknowledged }).sort((a, b) => a.generation - b.generation)) {
    apply(device, write);
  }
  const history = new ChurnHistory(plan, { acknowledged });
  for (let offsetBytes = 0; offsetBytes < device.length; offsetBytes += mibBytes) {
    const found = Buffer.from(device.subarray(offsetBytes, offsetBytes + mibBytes));
    expect(history.judge(history.begin(offsetBytes, mibBytes), found)).toEqual([]);
  }
});
