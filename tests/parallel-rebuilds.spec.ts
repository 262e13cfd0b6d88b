/**
 * Several volumes on the same image and disks, each with content of its own, lose a replica at the same time and are rebuilt
 * at the same time; all are read at the same time; then each volume's rebuilt replica answers alone. What one rebuild does
 * to another shows: data of another volume, the wrong parent, names that were exchanged, snapshots that were left behind.
 *
 * Longhorn decides how many rebuilds go on at once: at most concurrent-replica-rebuild-per-node-limit on a node, 5 unless
 * it was changed (the same from 1.8.0 to 1.12.1), one replica at a time of a volume, each after polls of its own. The story
 * does not demand that they overlap; how many did is recorded as a premise.
 */
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import {
  auditVolumes,
  createVolumes,
  loseReplicasTogether,
  proveRebuilds,
  readRebuiltAlone,
  readVolumes,
  writeVolumes,
} from '../fixtures/parallel-rebuilds.ts';
import { lookForForbiddenLines, prepareSharedParent, requireUsableCluster } from '../fixtures/stage.ts';
import { requestedImages, test } from '../fixtures/test.ts';

test.use({ scenario: 'parallel-rebuilds' });

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`volumes on a ${imageFormat} backing image are rebuilt at once, each as if it were alone`, async ({ run }) => {
      const startedMs = Date.now();
      await tellStory(run, async () => {
        const { nodes } = await run.step('The cluster can give a verdict', () => requireUsableCluster(run));

        const stage = await run.step(
          'The shared parent is made: an image with V2 copies on as many disks as replicas, or a volume to be cloned',
          () => prepareSharedParent(run, nodes[0] ?? ''),
        );

        const volumes = await run.step('V2 volumes are made from it, attached to one node after the other', () =>
          createVolumes(run, stage, nodes),
        );

        await run.step('A pattern of its own is written to each and flushed', () => writeVolumes(run, volumes));

        await run.step('Baseline: each equals an oracle of its own', () => readVolumes(run, volumes, 'baseline'));

        const images = await run.step('Every replica hangs on the shared parent of its own disk', () =>
          auditVolumes(run, stage, volumes),
        );

        const before = await run.step('Each loses a replica, at the same time', () =>
          loseReplicasTogether(run, volumes),
        );

        const proofs = await run.step('Each rebuild is proven by a new replica that serves', () =>
          proveRebuilds(run, volumes, before),
        );

        await run.step('Rebuilt: all are read at the same time, and each equals its oracle', () =>
          readVolumes(run, volumes, 'rebuilt'),
        );

        await run.step('The rebuilt replicas too hang on the shared parent, and nothing is left behind', () =>
          auditVolumes(run, stage, volumes, { proofs, images }),
        );

        await run.step('Isolation: of each volume the rebuilt replica alone answers', () =>
          readRebuiltAlone(run, stage, volumes, proofs),
        );

        await run.step('No engine logged what a sound run does not log', async () => {
          for (const volume of volumes) await lookForForbiddenLines(run, volume, startedMs);
        });
      });

      await test.step('Verdict', () => concludeRun(run));
    });
  });
}
