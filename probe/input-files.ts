import { readFileSync } from 'node:fs';
import type { Fingerprint, Plan } from '../helpers/oracle/plan.ts';
import { mibCount } from '../helpers/oracle/content.ts';
import { messageOf, ProbeError } from './exit-codes.ts';

function readJson(path: string, what: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    throw new ProbeError('input', `cannot read the ${what} in ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** The plan as the run stored it; that it holds together is checked where the oracle is made. */
export function readPlan(path: string): Plan {
  const plan = readJson(path, 'plan') as Partial<Plan> | null;
  if (typeof plan?.seed !== 'string' || !plan.image || !plan.volume || !Array.isArray(plan.writes)) {
    throw new ProbeError('input', `${path} is not a plan: seed, image, volume or writes are missing`);
  }
  return plan as Plan;
}

/** The digests that the oracle expects, checked to be of this plan's volume. */
export function readExpected(path: string, plan: Plan): Fingerprint {
  const expected = readJson(path, 'expected digests') as Partial<Fingerprint> | null;
  const mibs = mibCount(plan.volume.sizeBytes);
  if (expected?.byteCount !== plan.volume.sizeBytes || expected.mibSha256?.length !== mibs) {
    throw new ProbeError(
      'input',
      `${path} does not hold the digests of the plan's ${plan.volume.sizeBytes} bytes (${mibs} MiB)`,
    );
  }
  return expected as Fingerprint;
}
