import type { RunOptions } from '../../../fixtures/run-options.ts';
import { provisionedBytes } from '../../../helpers/longhorn/volume-size.ts';
import { InvalidPlanOptions, makePlan } from '../../../helpers/oracle/make-plan.ts';
import type { Flags } from '../../command-line/flags.ts';
import { parseImageSize, parseVolumeSize } from '../../command-line/size.ts';
import { UsageError } from '../../command-line/usage-error.ts';

/** More than an extent page of the blobstore, which is 512 clusters: what goes wrong from one page to the next shows. */
const defaultSize = '516Mi';

/**
 * The volume under test. Throws `UsageError`, also for one that no plan can be made of: it is refused before anything is
 * created.
 */
export function parseSubject(
  flags: Flags,
  seed: string,
): Pick<RunOptions, 'sizeBytes' | 'imageSizeBytes' | 'replicaCount' | 'reads'> {
  const imageSize = flags.text('image-size');
  const subject = {
    sizeBytes: parseVolumeSize('--size', flags.text('size') ?? defaultSize),
    ...(imageSize === undefined ? {} : { imageSizeBytes: parseImageSize('--image-size', imageSize) }),
    replicaCount: flags.integer('replicas', { min: 1, max: 20 }) ?? 2,
    reads: flags.integer('reads', { min: 1, max: 1000 }) ?? 10,
  };
  try {
    makePlan({ ...subject, seed, imageFormat: 'raw', volumeSizeBytes: provisionedBytes(subject.sizeBytes) });
  } catch (error) {
    if (error instanceof InvalidPlanOptions) throw new UsageError(error.message);
    throw error;
  }
  return subject;
}
