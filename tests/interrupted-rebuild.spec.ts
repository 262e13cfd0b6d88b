/**
 * A rebuild is interrupted half-way, by the deletion of the replica that is rebuilt; a later one completes. Every byte
 * must be what the oracle says, and nothing of the interrupted rebuild may be left behind.
 */
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import { deleteHalfRebuiltReplica } from '../fixtures/interruption.ts';
import {
  auditLvolsOf,
  createAndAttachSubject,
  deletePlannedReplica,
  lookForForbiddenLines,
  proveRebuild,
  readAll,
  reattachElsewhere,
  requireUsableCluster,
  requireV2OnDifferentDisks,
  prepareSharedParent,
  whileAlone,
  writePattern,
} from '../fixtures/stage.ts';
import { requestedImages, test } from '../fixtures/test.ts';

test.use({ scenario: 'interrupted-rebuild' });

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`a rebuild that was interrupted half-way leaves nothing wrong, over a ${imageFormat} image`, async ({
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
        await run.step('Baseline: cold direct passes equal the oracle', () => readAll(run, attached, 'baseline'));
        const imagesBefore = await run.step('Every replica hangs on the backing image of its own disk', () =>
          auditLvolsOf(run, { stage, subject, phase: 'attached' }),
        );

        const before = await run.step('One replica is deleted', () => deletePlannedReplica(run, attached));
        const interrupted = await run.step('The one rebuilt in its place is deleted half-way', () =>
          deleteHalfRebuiltReplica(run, attached, before),
        );
        const { rebuilt } = await run.step('A later rebuild is proven by a replica that serves', () =>
          proveRebuild(run, attached, interrupted),
        );

        await run.step('Rebuilt: passes equal the oracle', () => readAll(run, attached, 'rebuilt'));
        await run.step('Nothing of the interrupted rebuild is left behind', () =>
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
        await run.step('No engine logged what a sound run does not log', () =>
          lookForForbiddenLines(run, attached, startedMs),
        );
      });

      await test.step('Verdict', () => concludeRun(run));
    });
  });
}
