/**
 * A rebuild is interrupted half-way: its replica is deleted, or the instance manager of its target or of its source is
 * lost, or a node (`--interruption`); a later one completes. Every byte must be what the oracle says, and nothing of the interrupted rebuild may be left behind.
 */
import { requireAccess } from '../fixtures/access.ts';
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import { interruptRebuild } from '../fixtures/interruption.ts';
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
import { cordonAccessCheck, scenariosAccessCheck } from '../helpers/longhorn/checks/permissions.ts';

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
        const { interruption } = run.options;
        if (interruption !== 'replica') {
          await run.step('The rebuild can be interrupted in that way', () =>
            requireAccess(run, interruption === 'node' ? cordonAccessCheck : scenariosAccessCheck),
          );
        }
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
        const interrupted = await run.step('The rebuild in its place is interrupted half-way', () =>
          interruptRebuild(run, stage, { attached, before, nodes }),
        );
        const later = interrupted.attached;
        const { rebuilt } = await run.step('A later rebuild is proven by a replica that serves', () =>
          proveRebuild(run, later, interrupted.before),
        );

        await run.step('Rebuilt: passes equal the oracle', () => readAll(run, later, 'rebuilt'));
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
          whileAlone(run, { stage, subject, replica: rebuilt.replica }, () => readAll(run, later, 'isolated')),
        );
        const reattached = await run.step('Replenished, the volume is detached and attached on another node', () =>
          reattachElsewhere(run, stage, { attached: later, nodes }),
        );
        await run.step('Reattached: cold passes equal the oracle', () => readAll(run, reattached, 'reattached'));
        await run.step('No engine logged what a sound run does not log', () =>
          lookForForbiddenLines(run, later, startedMs),
        );
      });

      await test.step('Verdict', () => concludeRun(run));
    });
  });
}
