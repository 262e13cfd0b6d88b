import { expect, test } from '@playwright/test';
import { bystanderContent, secondImagePlan, withBystander } from '../../../helpers/oracle/bystander-plan.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import { planOfContent } from '../../../helpers/oracle/recipe.ts';
import { planOf } from './plans.ts';

const plan = withBystander(planOf());
const subject = createOracle(plan);
const bystander = createOracle(planOfContent(plan, bystanderContent(plan)));

test('bystander and subject hold the same image under writes of their own', () => {
  const untouched = bystander
    .rangeClassSummary()
    .filter(
      ({ rangeClass, offsetBytes }) =>
        rangeClass === 'image-data' && subject.rangeClassAt(offsetBytes) === 'image-data',
    );
  expect(untouched.length).toBeGreaterThan(0);
  expect(bystander.fingerprint().sha256).not.toBe(subject.fingerprint().sha256);
  const [{ offsetBytes } = { offsetBytes: 0 }] = untouched;
  const [a, b] = [new Uint8Array(512), new Uint8Array(512)];
  subject.expectedInto(offsetBytes, a);
  bystander.expectedInto(offsetBytes, b);
  expect(a).toEqual(b);
});

test("data of one volume in the other is the other's, whichever of them is read", () => {
  const written = (oracle: typeof subject) =>
    oracle.rangeClassSummary().find(({ rangeClass }) => rangeClass === 'written')?.offsetBytes ?? 0;
  for (const [reader, owner] of [
    [subject, bystander],
    [bystander, subject],
  ] as const) {
    const offsetBytes = written(owner);
    const found = new Uint8Array(512);
    owner.expectedInto(offsetBytes, found);
    const [block] = reader.classify({ offsetBytes, found });
    expect(block?.wrongByteKind).toBe('other-volume');
  }
});

test('the second image shares no byte of data with the first', () => {
  const other = createOracle(secondImagePlan(plan));
  const data = plan.image.extents.filter(({ kind }) => kind === 'data');
  const shared = data.filter(({ offsetBytes }) => {
    if (offsetBytes >= other.plan.image.sizeBytes) return false;
    const [a, b] = [new Uint8Array(512), new Uint8Array(512)];
    subject.imageInto(offsetBytes, a);
    other.imageInto(offsetBytes, b);
    return Buffer.compare(a, b) === 0;
  });
  expect(shared).toEqual([]);
});
