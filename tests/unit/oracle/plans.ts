import fc from 'fast-check';
import { mibBytes } from '../../../helpers/oracle/geometry.ts';
import { makePlan } from '../../../helpers/oracle/make-plan.ts';
import type { PlanOptions } from '../../../helpers/oracle/make-plan.ts';
import type { Plan } from '../../../helpers/oracle/plan.ts';

export function planOf(options: Partial<PlanOptions> = {}): Plan {
  const usual = {
    seed: 'tests',
    imageFormat: 'raw',
    volumeSizeBytes: 64 * mibBytes,
    replicaCount: 2,
    reads: 10,
  } as const;
  return makePlan({ ...usual, ...options });
}

/** Options over the whole valid range: small and large volumes, on and off the MiB grid. */
export const validOptions: fc.Arbitrary<PlanOptions> = fc
  .record({
    seed: fc.string({ minLength: 1, maxLength: 20 }),
    volumeMib: fc.oneof(fc.integer({ min: 16, max: 80 }), fc.constantFrom(500, 2048)),
    extraSectors: fc.constantFrom(0, 0, 1, 7, 2047),
    replicaCount: fc.integer({ min: 1, max: 5 }),
    reads: fc.integer({ min: 1, max: 40 }),
    imageFormat: fc.constantFrom('raw' as const, 'qcow2' as const),
  })
  .map(({ volumeMib, extraSectors, ...rest }) => ({
    ...rest,
    volumeSizeBytes: volumeMib * mibBytes + extraSectors * 512,
  }));

export const validPlans = validOptions.map(makePlan);

/** Plans whose devices are small enough to be compared byte by byte many times. */
export const smallPlans = fc
  .record({ seed: fc.string({ minLength: 1, maxLength: 8 }), volumeMib: fc.integer({ min: 16, max: 24 }) })
  .map(({ seed, volumeMib }) => planOf({ seed, volumeSizeBytes: volumeMib * mibBytes }));
