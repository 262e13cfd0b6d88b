/**
 * A volume loses a replica and gets it rebuilt while a bystander has replicas on the same disks, on the same backing image,
 * and a second image lies beside whose name goes on where the first one's ends. The bystander must stay what it is, byte
 * for byte and lvol for lvol. Then both volumes are rebuilt at the same time, and each new replica is read alone.
 *
 * Guards longhorn/longhorn#10527 (up to 1.8.2 a rebuild deletes other images from its disk) and its relatives.
 */
import {
  createBystander,
  createSecondImage,
  lookAtBystander,
  readBystander,
  requireUntouched,
  sharedDiskPremise,
} from '../fixtures/bystander.ts';
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import { loseReplicaAlone, readRebuiltTogether, waitForRebuild } from '../fixtures/rebuilt-together.ts';
import {
  auditLvolsOf,
  createAndAttachSubject,
  deletePlannedReplica,
  lookForForbiddenLines,
  prepareSharedParent,
  proveRebuild,
  readAll,
  requireUsableCluster,
  requireV2OnDifferentDisks,
  whileAlone,
  writePattern,
} from '../fixtures/stage.ts';
import { readPart } from '../fixtures/reading.ts';
import { requestedImages, test } from '../fixtures/test.ts';
import { writtenContent } from '../helpers/oracle/recipe.ts';

test.use({ scenario: 'bystander-volume' });

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`a rebuild on a ${imageFormat} backing image leaves its neighbours alone`, async ({ run }) => {
      const startedMs = Date.now();
      await tellStory(run, async () => {
        const { nodes } = await run.step('The cluster can give a verdict', () => requireUsableCluster(run));

        const stage = await run.step(
          'The shared parent is made: an image with V2 copies on as many disks as replicas, or a volume to be cloned',
          () => prepareSharedParent(run, nodes[0] ?? ''),
        );

        await run.step('A second image, whose name begins with the first one’s, gets a copy on every disk', () =>
          createSecondImage(run, stage, nodes.length),
        );

        const attached = await run.step('The subject is made from the shared parent and attached', () =>
          createAndAttachSubject(run, stage, nodes[0] ?? ''),
        );
        const { subject } = attached;

        await run.step('It really is a V2 volume, its replicas on different disks', () =>
          requireV2OnDifferentDisks(run, attached),
        );

        await run.step('A pattern is written to the subject and flushed', () => writePattern(run, attached));

        const bystander = await run.step('A bystander on the same parent and disks is made, written and attached', () =>
          createBystander(run, stage, { nodes }),
        );

        await run.step('Baseline: the subject equals its oracle', () => readAll(run, attached, 'baseline'));

        await run.step('Before: the bystander equals an oracle of its own', () =>
          readBystander(run, bystander, [0, 1]),
        );

        const bystanderBefore = await run.step('The lvols of both volumes and of both images are noted', async () => {
          await auditLvolsOf(run, { stage, subject, phase: 'attached' });
          return lookAtBystander(run, bystander);
        });

        const before = await run.step('The subject loses a replica', () => deletePlannedReplica(run, attached));

        const { rebuilt } = await run.step('Its rebuild is proven by a new replica that serves', () =>
          proveRebuild(run, attached, before),
        );

        await run.step('The rebuild had neighbours on its disk', () => {
          run.require(sharedDiskPremise(rebuilt, bystanderBefore));
          return Promise.resolve();
        });

        await run.step('Rebuilt: the subject equals its oracle', () => readAll(run, attached, 'rebuilt'));

        await run.step('After: the bystander has the same replicas on the same lvols, and the images are there', () =>
          requireUntouched(run, bystander, bystanderBefore),
        );

        await run.step('After: the bystander equals its oracle', () => readBystander(run, bystander, [1, 2]));

        const otherRebuild = await run.step(
          'Isolation: the rebuilt replica alone answers; the bystander loses a replica, and both are rebuilt at once',
          () =>
            whileAlone(run, { stage, subject, replica: rebuilt.replica }, async () => {
              await readPart(run, attached, { phase: 'isolated', content: writtenContent, range: [0, 1] });
              return loseReplicaAlone(run, bystander);
            }),
        );

        const second = await run.step('The bystander’s rebuild is proven too', () =>
          waitForRebuild(run, bystander, otherRebuild),
        );

        await run.step('Each of the two new replicas alone answers what its own volume holds', () =>
          readRebuiltTogether(run, stage, {
            subject: { attached, not: rebuilt.replica },
            bystander: { attached: bystander, rebuilt: second },
          }),
        );

        await run.step('No engine logged what a sound run does not log', () =>
          lookForForbiddenLines(run, attached, startedMs),
        );
      });

      await test.step('Verdict', () => concludeRun(run));
    });
  });
}
