/**
 * The user takes snapshots and branches off by a revert; then a replica is lost and rebuilt. Every snapshot must hold what
 * was written before it and nothing else: read by all first replicas together, from the one that the rebuild is made from
 * alone, and from the rebuilt one alone, also when another one was deleted and came down into it.
 */
import { requireAccess } from '../fixtures/access.ts';
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import {
  deleteSnapshot,
  readSnapshots,
  readSourceAlone,
  takeSnapshot,
  takeSnapshotAmongOthers,
} from '../fixtures/snapshots.ts';
import {
  auditLvolsOf,
  createAndAttachSubject,
  lookForForbiddenLines,
  prepareSharedParent,
  proveRebuild,
  readAll,
  requireUsableCluster,
  requireV2OnDifferentDisks,
  whileAlone,
  writeStage,
} from '../fixtures/stage.ts';
import { requestedImages, test } from '../fixtures/test.ts';
import { snapshotsAccessCheck } from '../helpers/longhorn/checks/permissions.ts';
import { branchContent, headContent, lineToBranch, snapshotStages } from '../helpers/oracle/snapshot-plan.ts';

test.use({ scenario: 'snapshots-and-revert' });

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`every snapshot of a volume over a ${imageFormat} image is whole on every replica, across a revert and a rebuild`, async ({
      run,
    }) => {
      const startedMs = Date.now();
      await tellStory(run, async () => {
        const { nodes } = await run.step('The cluster can give a verdict', () => requireUsableCluster(run));
        await run.step('Snapshots can be taken and reverted to', () => requireAccess(run, snapshotsAccessCheck));
        const stage = await run.step('The shared parent is made', () => prepareSharedParent(run, nodes[0] ?? ''));
        const first = await run.step('A block volume is made from it and attached to a pod', () =>
          createAndAttachSubject(run, stage, nodes[0] ?? ''),
        );
        const { subject } = first;
        await run.step('It really is a V2 volume, its replicas on different disks', () =>
          requireV2OnDifferentDisks(run, first),
        );

        const [oldest, ...younger] = snapshotStages(run.plan);
        const onBranch = younger.pop();
        if (oldest === undefined || onBranch === undefined) throw new Error('the plan has no snapshots');
        await run.step('A pattern is written', () => writeStage(run, first, oldest.stage));
        await run.step('Baseline: cold direct passes equal the oracle', () => readAll(run, first, 'baseline'));
        await run.step('A snapshot is taken', () => takeSnapshot(run, first, oldest.content));
        await run.step('More is written over it, stage by stage, and frozen after each', async () => {
          for (const { stage: written, content } of younger) {
            await writeStage(run, first, written);
            await takeSnapshot(run, first, content);
          }
        });

        const branch = branchContent(run.plan);
        const head = headContent(run.plan);
        const reverted = await run.step('All replicas together: every snapshot is reverted to and read', () =>
          readSnapshots(run, stage, { attached: first, reader: 'together', contents: lineToBranch(run.plan) }),
        );
        await run.step(
          'A branch is written on the last of them, and frozen three times; the first is deleted again',
          async () => {
            await writeStage(run, reverted, onBranch.stage);
            await takeSnapshotAmongOthers(run, reverted, onBranch.content);
          },
        );
        await run.step('The branch holds its own writes and none of the other branch', () =>
          readAll(run, reverted, 'reverted', branch),
        );
        const imagesBefore = await run.step('Every replica has the same tree of snapshots', () =>
          auditLvolsOf(run, { stage, subject, phase: 'reverted' }),
        );

        const { attached, before } = await run.step(
          'A replica is deleted; the source of its rebuild is read alone, and written to',
          () => readSourceAlone(run, stage, reverted),
        );
        const { rebuilt } = await run.step('The rebuild is proven by a new replica that serves', () =>
          proveRebuild(run, attached, before),
        );
        await run.step('Rebuilt: passes equal the oracle and one another', () =>
          readAll(run, attached, 'rebuilt', head),
        );
        await run.step('The rebuilt replica has the same tree of snapshots, and nothing is left behind', () =>
          auditLvolsOf(run, {
            stage,
            subject,
            phase: 'rebuilt',
            rebuilt: rebuilt.replica,
            earlierImages: imagesBefore,
          }),
        );
        await run.step('Isolation: the rebuilt replica alone answers, its head and every snapshot', async () => {
          const { replica } = rebuilt;
          const left = await whileAlone(run, { stage, subject, replica, then: 'leave' }, async () => {
            await readAll(run, attached, 'isolated', head);
            return readSnapshots(run, stage, { attached, reader: 'rebuilt', alone: replica });
          });
          await run.step('A snapshot in the middle is deleted: the one that hung on it shows what it showed', () =>
            deleteSnapshot(run, stage, { attached: left, alone: replica }),
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
