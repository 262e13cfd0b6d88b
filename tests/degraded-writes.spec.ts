/**
 * A volume is written while a replica is missing, and again after its rebuild. Every byte must be what the oracle says:
 * of what is left while it is degraded, of all together, and of the rebuild's source alone, which a rebuild must not harm.
 */
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import { sourceAlone, whileDegraded } from '../fixtures/degradation.ts';
import {
  auditLvolsOf,
  createAndAttachSubject,
  lookForForbiddenLines,
  proveRebuild,
  readAll,
  reattachElsewhere,
  replicaRebuiltSecond,
  requireUsableCluster,
  requireV2OnDifferentDisks,
  prepareSharedParent,
  whileAlone,
  writePattern,
  writeStage,
} from '../fixtures/stage.ts';
import { readPart } from '../fixtures/reading.ts';
import { requestedImages, test } from '../fixtures/test.ts';
import { afterwardsContent, afterwardsStage, degradedContent, degradedStage } from '../helpers/oracle/degraded-plan.ts';

test.use({ scenario: 'degraded-writes' });

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`writes around a rebuild are all there, in its source too, over a ${imageFormat} image`, async ({ run }) => {
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
        await run.step('Baseline: cold direct passes equal the oracle', () => readAll(run, attached, 'baseline'));
        const imagesBefore = await run.step('Every replica hangs on the backing image of its own disk', () =>
          auditLvolsOf(run, { stage, subject, phase: 'attached' }),
        );

        const before = await run.step('One replica is deleted; what is left is written and equals the oracle', () =>
          whileDegraded(run, { stage, attached, phase: 'degraded' }, async () => {
            await writeStage(run, attached, degradedStage);
            await readAll(run, attached, 'degraded', degradedContent);
          }),
        );
        const { rebuilt } = await run.step('The rebuild is proven by a new replica that serves', () =>
          proveRebuild(run, attached, before),
        );

        await run.step('Rebuilt: passes equal the oracle, and do so again when a third stage is written', async () => {
          await readPart(run, attached, { phase: 'rebuilt', content: degradedContent, range: [0, 1] });
          await writeStage(run, attached, afterwardsStage);
          await readPart(run, attached, { phase: 'rebuilt', content: afterwardsContent, range: [1, 4] });
        });
        await run.step('The lvols agree with one another, and nothing is left behind', () =>
          auditLvolsOf(run, {
            stage,
            subject,
            phase: 'rebuilt',
            rebuilt: rebuilt.replica,
            earlierImages: imagesBefore,
          }),
        );

        const reattached = await run.step(
          'With the third stage in its head, the volume is attached on another node',
          () => reattachElsewhere(run, stage, { attached, nodes }),
        );
        await run.step('Reattached: cold passes equal the oracle', () =>
          readAll(run, reattached, 'reattached', afterwardsContent),
        );

        const source = await run.step('Isolation: the replica that was copied from alone answers', () =>
          sourceAlone(run, { stage, subject, rebuilt: rebuilt.replica }, () =>
            readAll(run, reattached, 'source', afterwardsContent),
          ),
        );
        await run.step('Isolation again: a replica that was rebuilt with all three stages alone answers', async () => {
          const replica = await replicaRebuiltSecond(run, subject, source);
          await whileAlone(run, { stage, subject, replica, phase: 'isolated-second', then: 'leave' }, () =>
            readAll(run, reattached, 'isolated-second', afterwardsContent),
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
