/**
 * A volume grows, is written at both sides of its old end and at its new one, loses a replica, grows again while it is
 * degraded, and gets the replica rebuilt. What was there must stay, what is new must be zeros until it is written, and
 * each replica alone must say so.
 *
 * Guards the boundary where change maps and sizes go wrong (longhorn/longhorn-spdk-engine@58e01286, VMware 2090639).
 */
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import { whileDegraded } from '../fixtures/degradation.ts';
import { growTo, requireExpansion } from '../fixtures/expansion.ts';
import { readPart } from '../fixtures/reading.ts';
import {
  auditLvolsOf,
  createAndAttachSubject,
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
  writeStage,
} from '../fixtures/stage.ts';
import { requestedImages, test } from '../fixtures/test.ts';
import { expandedDegradedStage, expandedStage, expansionContents } from '../helpers/oracle/expansion-plan.ts';

test.use({ scenario: 'volume-expansion' });

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`a volume on a ${imageFormat} backing image grows, also while a replica is missing`, async ({ run }) => {
      const startedMs = Date.now();
      const { grown, grownWritten, grownAgain, grownAgainWritten } = expansionContents(run.plan);
      const volumeSizeBytes = grownAgainWritten.sizeBytes ?? 0;
      await tellStory(run, async () => {
        const { nodes } = await run.step('The cluster can give a verdict, and expands V2 volumes', async () => {
          const usable = await requireUsableCluster(run);
          await requireExpansion(run);
          return usable;
        });
        const stage = await run.step('The shared parent is made', () => prepareSharedParent(run, nodes[0] ?? ''));
        const attached = await run.step('A block volume, larger than the image, is made and attached', () =>
          createAndAttachSubject(run, stage, nodes[0] ?? ''),
        );
        const { subject } = attached;
        await run.step('It really is a V2 volume, its replicas on different disks', () =>
          requireV2OnDifferentDisks(run, attached),
        );
        await run.step('A pattern is written', () => writePattern(run, attached));
        await run.step('Baseline: cold direct passes equal the oracle', () => readAll(run, attached, 'baseline'));
        const imagesBefore = await run.step('Every replica hangs on the shared parent of its own disk', () =>
          auditLvolsOf(run, { stage, subject, phase: 'attached' }),
        );

        await run.step('Its claim asks for more, and the volume grows while it is attached', () =>
          growTo(run, attached, grown),
        );
        await run.step('The old range is unchanged, the new one reads zeros', () =>
          readPart(run, attached, { phase: 'resized', content: grown, range: [0, 1] }),
        );
        await run.step('Both sides of the old end and the new end are written', () =>
          writeStage(run, attached, expandedStage),
        );
        await run.step('Every block holds what was written, or zeros', () =>
          readPart(run, attached, { phase: 'resized', content: grownWritten, range: [1, 2] }),
        );

        const before = await run.step('A replica is deleted; the volume grows again before another one is made', () =>
          whileDegraded(run, { stage, attached, phase: 'resized' }, async () => {
            await growTo(run, attached, grownAgain);
            await readPart(run, attached, { phase: 'resized', content: grownAgain, range: [2, 3] });
            await writeStage(run, attached, expandedDegradedStage);
            await readPart(run, attached, { phase: 'resized', content: grownAgainWritten, range: [3, 4] });
          }),
        );
        const { rebuilt } = await run.step('The rebuild is proven by a new replica that serves', () =>
          proveRebuild(run, attached, before),
        );
        await run.step('Rebuilt: passes equal the oracle, up to the new end', () =>
          readAll(run, attached, 'rebuilt', grownAgainWritten),
        );
        await run.step('Heads have the new size, and nothing is left behind', () =>
          auditLvolsOf(run, {
            stage,
            subject,
            phase: 'rebuilt',
            rebuilt: rebuilt.replica,
            earlierImages: imagesBefore,
            volumeSizeBytes,
          }),
        );
        await run.step('Isolation: the rebuilt replica alone answers', () =>
          whileAlone(run, { stage, subject, replica: rebuilt.replica }, () =>
            readAll(run, attached, 'isolated', grownAgainWritten),
          ),
        );
        const reattached = await run.step('Replenished, the volume is detached and attached on another node', () =>
          reattachElsewhere(run, stage, { attached, nodes }),
        );
        await run.step('Reattached: the volume has its new size and equals the oracle', () =>
          readAll(run, reattached, 'reattached', grownAgainWritten),
        );
        await run.step('Isolation again: a replica that was rebuilt from the rebuilt one alone answers', async () => {
          const replica = await replicaRebuiltSecond(run, subject, rebuilt.replica);
          await whileAlone(run, { stage, subject, replica, phase: 'isolated-second', then: 'leave' }, () =>
            readAll(run, reattached, 'isolated-second', grownAgainWritten),
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
