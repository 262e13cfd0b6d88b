/**
 * A V2 volume made from a backing image loses a replica and gets it rebuilt. Every byte must be what the plan says:
 * before, after, from the rebuilt replica alone, and after attaching on another node.
 *
 * Follows longhorn-tests' `test_ha_simple_recovery_with_backing_image`, which guards longhorn/longhorn#10340.
 */
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import { proveRebuildOrReadTheRest } from '../fixtures/degradation.ts';
import {
  auditLvolsOf,
  createAndAttachSubject,
  deletePlannedReplica,
  lookForForbiddenLines,
  prepareSharedParent,
  readAll,
  reattachElsewhere,
  replicaRebuiltSecond,
  requireUsableCluster,
  requireV2OnDifferentDisks,
  whileAlone,
  writePattern,
} from '../fixtures/stage.ts';
import { requestedImages, requestedParentWords, test } from '../fixtures/test.ts';
import { writtenContent } from '../helpers/oracle/recipe.ts';

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`a volume on a ${requestedParentWords(imageFormat)} stays consistent across a replica rebuild`, async ({
      run,
    }) => {
      const startedMs = Date.now();
      await tellStory(run, async () => {
        const { nodes } = await run.step('The cluster can give a verdict', () => requireUsableCluster(run));

        const stage = await run.step(
          'The shared parent is made: an image with V2 copies on as many disks as replicas, or a volume to be cloned',
          () => prepareSharedParent(run, nodes[0] ?? ''),
        );

        const attached = await run.step('A block volume is made from it and attached to a pod', () =>
          createAndAttachSubject(run, stage, nodes[0] ?? ''),
        );
        const { subject } = attached;

        await run.step('It really is a V2 volume, its replicas on different disks', () =>
          requireV2OnDifferentDisks(run, attached),
        );

        await run.step('A pattern that covers every class of range is written and flushed', () =>
          writePattern(run, attached),
        );

        await run.step('Baseline: cold direct passes equal the oracle', () => readAll(run, attached, 'baseline'));

        const imagesBefore = await run.step('Every replica hangs on the shared parent of its own disk', () =>
          auditLvolsOf(run, { stage, subject, phase: 'attached' }),
        );

        const before = await run.step('One replica is deleted', () => deletePlannedReplica(run, attached));

        const { rebuilt } = await run.step('Its rebuild is proven by a new replica that serves', () =>
          proveRebuildOrReadTheRest(run, { attached, before, content: writtenContent }),
        );

        await run.step('Rebuilt: passes of varied shape equal the oracle and one another', () =>
          readAll(run, attached, 'rebuilt'),
        );

        await run.step(
          'The rebuilt replica too hangs on the shared parent of its own disk, and nothing is left behind',
          () =>
            auditLvolsOf(run, {
              stage,
              subject,
              phase: 'rebuilt',
              rebuilt: rebuilt.replica,
              earlierImages: imagesBefore,
            }),
        );

        await run.step('Isolation: the rebuilt replica alone answers', () =>
          whileAlone(run, { stage, subject, replica: rebuilt.replica }, () => readAll(run, attached, 'isolated')),
        );

        const reattached = await run.step('Replenished, the volume is detached and attached on another node', () =>
          reattachElsewhere(run, stage, { attached, nodes }),
        );

        await run.step('Reattached: cold passes equal the oracle', () => readAll(run, reattached, 'reattached'));

        await run.step('The lvols of all replicas still agree with one another and with the Snapshot objects', () =>
          auditLvolsOf(run, { stage, subject, phase: 'reattached' }),
        );

        await run.step('Isolation again: a replica that was rebuilt from the rebuilt one alone answers', async () => {
          const replica = await replicaRebuiltSecond(run, subject, rebuilt.replica);
          await whileAlone(run, { stage, subject, replica, phase: 'isolated-second', then: 'leave' }, () =>
            readAll(run, reattached, 'isolated-second'),
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
