import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import type { Lvol } from '../../../embedded/dataplane/blobstore/lvol.ts';
import { Lvstore } from '../../../embedded/dataplane/blobstore/lvstore.ts';
import { mebibyte } from './data-plane-rig.ts';

const clusters = 4;
const block = 64 * 1024;
const blocks = (clusters * mebibyte) / block;

type Step =
  | { kind: 'write'; first: number; count: number; value: number }
  | { kind: 'zero'; first: number; count: number }
  | { kind: 'snapshot' }
  | { kind: 'delete'; which: number }
  | { kind: 'revert'; which: number };

const range = { first: fc.nat(blocks - 1), count: fc.integer({ min: 1, max: 20 }) };
const step = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), ...range, value: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant('zero' as const), ...range }),
  fc.record({ kind: fc.constant('snapshot' as const) }),
  fc.record({ kind: fc.constant('delete' as const), which: fc.nat(5) }),
  fc.record({ kind: fc.constant('revert' as const), which: fc.nat(5) }),
);

/** One byte per block stands for its content. */
function visible(lvol: Lvol): number[] {
  const content = Buffer.alloc(clusters * mebibyte);
  lvol.read(0, content);
  return Array.from({ length: blocks }, (_, position) => {
    const piece = content.subarray(position * block, (position + 1) * block);
    const [value = 0] = piece;
    return piece.equals(uniform(value)) ? value : -1;
  });
}

const uniformBlocks = new Map<number, Buffer>();

function uniform(value: number): Buffer {
  const known = uniformBlocks.get(value) ?? Buffer.alloc(block, value);
  uniformBlocks.set(value, known);
  return known;
}

function run(store: Lvstore, steps: readonly Step[]): void {
  let head = store.create('head', clusters * mebibyte);
  let expected = new Array<number>(blocks).fill(0);
  const snapshots = new Map<string, number[]>();
  const pick = (which: number): string | undefined => [...snapshots.keys()][which % Math.max(snapshots.size, 1)];
  for (const [position, step] of steps.entries()) {
    switch (step.kind) {
      case 'write':
      case 'zero': {
        const count = Math.min(step.count, blocks - step.first);
        const value = step.kind === 'write' ? step.value : 0;
        if (step.kind === 'write') head.write(step.first * block, Buffer.alloc(count * block, value));
        else head.writeZeroes(step.first * block, count * block);
        expected = expected.map((old, index) => (index >= step.first && index < step.first + count ? value : old));
        break;
      }
      case 'snapshot':
        store.snapshot(head, `snap-${position}`, {});
        snapshots.set(`snap-${position}`, expected);
        break;
      case 'delete': {
        const name = pick(step.which);
        if (name === undefined || store.get(name).clones.size > 1) break;
        store.delete(store.get(name));
        snapshots.delete(name);
        break;
      }
      case 'revert': {
        const name = pick(step.which);
        if (name === undefined) break;
        store.delete(head);
        head = store.clone(store.get(name), 'head');
        expected = snapshots.get(name) ?? [];
        break;
      }
    }
    expect(visible(head)).toEqual(expected);
    for (const [name, content] of snapshots) expect(visible(store.get(name))).toEqual(content);
  }
  const owned = store.lvols().reduce((sum, lvol) => sum + lvol.ownedClusters().length, 0);
  expect(store.file.totalClusters - store.file.freeClusters).toBe(owned);
}

test('head and snapshots read what was written, through any order of writes, snapshots, merges and reverts', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lvs-'));
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14, size: 'max' }), async (steps) => {
      const store = new Lvstore({
        name: 'disk',
        filePath: join(directory, `${count++}.disk`),
        sizeBytes: 80 * mebibyte,
        blockBytes: 512,
        seed: 'model',
        timestamp: () => '2026-01-01T00:00:00Z',
        hooks: {},
      });
      try {
        run(store, steps);
      } finally {
        await store.remove();
      }
    }),
    { numRuns: 40, seed: 20260101 },
  );
  await rm(directory, { recursive: true });
});
