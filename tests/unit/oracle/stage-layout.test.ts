import { expect, test } from '@playwright/test';
import { makePlan } from '../../../helpers/oracle/make-plan.ts';
import { afterwardsContent, degradedStage, withDegradedWrites } from '../../../helpers/oracle/degraded-plan.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import { planOfContent } from '../../../helpers/oracle/recipe.ts';

const mib = 1024 * 1024;

function degradedPlan(seed: string, volumeSizeBytes = 32 * mib): ReturnType<typeof makePlan> {
  const options = { seed, imageFormat: 'raw', volumeSizeBytes, replicaCount: 2, reads: 1 } as const;
  return withDegradedWrites(makePlan(options));
}

for (const seed of ['a', 'b', 'c', 'd']) {
  test(`writes of one stage lie in the device and do not overlap, at seed ${seed}`, () => {
    const plan = degradedPlan(seed, 16 * mib);
    for (const writes of Object.values(plan.stages ?? {})) {
      let end = 0;
      for (const { offsetBytes, lengthBytes } of writes) {
        expect(offsetBytes).toBeGreaterThanOrEqual(end);
        end = offsetBytes + lengthBytes;
      }
      expect(end).toBe(plan.volume.sizeBytes);
    }
  });
}

test('both stages write over image content and behind the image, and each over earlier writes', () => {
  const plan = degradedPlan('a');
  const earlier = plan.writes;
  for (const writes of Object.values(plan.stages ?? {})) {
    expect(writes.some(({ offsetBytes }) => offsetBytes < plan.image.sizeBytes)).toBe(true);
    expect(writes.filter(({ offsetBytes }) => offsetBytes > plan.image.sizeBytes).length).toBeGreaterThan(1);
    const over = writes.filter(({ offsetBytes, lengthBytes }) =>
      earlier.some(
        (write) => write.offsetBytes < offsetBytes + lengthBytes && offsetBytes < write.offsetBytes + write.lengthBytes,
      ),
    );
    expect(over).not.toEqual([]);
  }
});

test('a sector that both stages wrote is expected as the later one wrote it', () => {
  const plan = degradedPlan('a');
  const [first] = plan.stages?.[degradedStage] ?? [];
  expect(first?.offsetBytes).toBe(0);
  const sector = (stages: readonly string[]): string => {
    const target = Buffer.alloc(512);
    createOracle(planOfContent(plan, { stages })).expectedInto(0, target);
    return target.toString('hex');
  };
  const [pattern = '', ...later] = afterwardsContent.stages;
  const contents = [[pattern], [pattern, later[0] ?? ''], afterwardsContent.stages].map(sector);
  expect(new Set(contents).size).toBe(3);
});
