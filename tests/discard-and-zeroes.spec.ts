/**
 * Ranges of a volume are discarded and zeroed: whole clusters, parts of them and across their edges, over image data,
 * written data and beyond the image. Zeros must be exact. A discarded range may read as it did, as zeros or as ones, but
 * always the same from then on: on every replica, after a rebuild, and after attaching elsewhere. What lies beside it
 * must stay, in this volume and in a bystander on the same disks.
 *
 * Guards spdk/spdk#3358, spdk/spdk@d3594f8437 and longhorn/longhorn#11757.
 */
import { createBystander, readBystander } from '../fixtures/bystander.ts';
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import { settleDiscards, writeDiscards } from '../fixtures/discards.ts';
import { readPart } from '../fixtures/reading.ts';
import {
  auditLvolsOf,
  createAndAttachSubject,
  deletePlannedReplica,
  lookForForbiddenLines,
  prepareSharedParent,
  proveRebuild,
  readAll,
  reattachElsewhere,
  replicaRebuiltSecond,
  requireUsableCluster,
  requireV2OnDifferentDisks,
  whileAlone,
  writePattern,
} from '../fixtures/stage.ts';
import { requestedImages, test } from '../fixtures/test.ts';
import {
  discardAgainStage,
  discardedAgainContent,
  discardedContent,
  discardStage,
} from '../helpers/oracle/discard-plan.ts';

test.use({ scenario: 'discard-and-zeroes' });

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`what is discarded or zeroed on a ${imageFormat} backing image touches nothing else, and stays`, async ({
      run,
    }) => {
      const startedMs = Date.now();
      await tellStory(run, async () => {
        const { nodes } = await run.step('The cluster can give a verdict', () => requireUsableCluster(run));
        const stage = await run.step('The shared parent is made', () => prepareSharedParent(run, nodes[0] ?? ''));
        const attached = await run.step('A block volume is made from it and attached to a pod', () =>
          createAndAttachSubject(run, stage, nodes[0] ?? ''),
        );
        const { subject } = attached;
        await run.step('It really is a V2 volume, its replicas on different disks', () =>
          requireV2OnDifferentDisks(run, attached),
        );
        await run.step('A pattern is written', () => writePattern(run, attached));
        const bystander = await run.step('A bystander on the same parent and disks is made, written and attached', () =>
          createBystander(run, stage, { nodes }),
        );
        await run.step('Baseline: the subject equals its oracle', () => readAll(run, attached, 'baseline'));
        await run.step('Before: the bystander equals its own', () => readBystander(run, bystander, [0, 1]));
        const imagesBefore = await run.step('Every replica hangs on the shared parent of its own disk', () =>
          auditLvolsOf(run, { stage, subject, phase: 'attached' }),
        );

        await run.step('Ranges are discarded and zeroed, and some of them written again', () =>
          writeDiscards(run, attached, discardStage),
        );
        const discarded = await run.step('What was discarded reads as it did, as zeros or as ones', () =>
          settleDiscards(run, attached, discardedContent),
        );
        await run.step('It reads the same again; zeros are zeros, and nothing beside them has changed', () =>
          readPart(run, attached, { phase: 'discarded', content: discarded, range: [0, 2] }),
        );
        await run.step('The bystander has not changed', () => readBystander(run, bystander, [1, 2]));

        const before = await run.step('One replica is deleted', () => deletePlannedReplica(run, attached));
        const { rebuilt } = await run.step('Its rebuild is proven by a new replica that serves', () =>
          proveRebuild(run, attached, before),
        );
        await run.step('Rebuilt: discarded ranges too are what they were', () =>
          readAll(run, attached, 'rebuilt', discarded),
        );
        await run.step('The replicas own the same clusters, and nothing is left behind', () =>
          auditLvolsOf(run, {
            stage,
            subject,
            phase: 'rebuilt',
            rebuilt: rebuilt.replica,
            earlierImages: imagesBefore,
          }),
        );

        await run.step('Ranges of the rebuilt volume are discarded and zeroed', () =>
          writeDiscards(run, attached, discardAgainStage),
        );
        const again = await run.step('What was discarded again reads as it did, as zeros or as ones', () =>
          settleDiscards(run, attached, { ...discardedAgainContent, settled: discarded.settled ?? [] }),
        );
        await run.step('It reads the same again on both replicas', () =>
          readPart(run, attached, { phase: 'discarded', content: again, range: [2, 3] }),
        );
        await run.step('Isolation: the rebuilt replica alone answers', () =>
          whileAlone(run, { stage, subject, replica: rebuilt.replica }, () =>
            readAll(run, attached, 'isolated', again),
          ),
        );
        const reattached = await run.step('Replenished, the volume is detached and attached on another node', () =>
          reattachElsewhere(run, stage, { attached, nodes }),
        );
        await run.step('Reattached: discarded ranges are still the same', () =>
          readAll(run, reattached, 'reattached', again),
        );
        await run.step('Isolation again: a replica that was rebuilt from the rebuilt one alone answers', async () => {
          const replica = await replicaRebuiltSecond(run, subject, rebuilt.replica);
          await whileAlone(run, { stage, subject, replica, phase: 'isolated-second', then: 'leave' }, () =>
            readAll(run, reattached, 'isolated-second', again),
          );
        });
        await run.step('No engine logged what a sound run does not log', () =>
          lookForForbiddenLines(run, attached, startedMs),
        );
      });

      await test.step('Verdict', () => concludeRun(run));
    });
  });
}
