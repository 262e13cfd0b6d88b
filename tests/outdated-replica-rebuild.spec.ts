/**
 * A replica fails, writes go on without it, and then the same replica is rebuilt on what it still has: a snapshot with a
 * checksum, and outdated bytes. Every byte must be what the oracle says, and every snapshot what was hashed.
 */
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import { proveReuse, takeHashedSnapshot, turnFastRebuildOn, writeWhileAway } from '../fixtures/outdated-replica.ts';
import {
  auditLvolsOf,
  createAndAttachSubject,
  lookForForbiddenLines,
  prepareSharedParent,
  readAll,
  requireUsableCluster,
  requireV2OnDifferentDisks,
  whileAlone,
  writePattern,
} from '../fixtures/stage.ts';
import { requestedImages, test } from '../fixtures/test.ts';
import { awayContent } from '../helpers/oracle/outdated-plan.ts';

test.use({ scenario: 'outdated-replica-rebuild' });

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`a replica that missed writes is rebuilt on what it had, over a ${imageFormat} image`, async ({ run }) => {
      const startedMs = Date.now();
      await tellStory(run, async () => {
        const { nodes } = await run.step('The cluster can give a verdict', () => requireUsableCluster(run));
        const stage = await run.step('The shared parent is made', () => prepareSharedParent(run, nodes[0] ?? ''));
        await run.step('Failed replicas may be used again', () => turnFastRebuildOn(run, stage));
        const attached = await run.step('A block volume is made from it and attached to a pod', () =>
          createAndAttachSubject(run, stage, nodes[0] ?? ''),
        );
        const { subject } = attached;
        await run.step('It really is a V2 volume, its replicas on different disks', () =>
          requireV2OnDifferentDisks(run, attached),
        );
        await run.step('A pattern is written', () => writePattern(run, attached));
        await run.step('Baseline: cold direct passes equal the oracle', () => readAll(run, attached, 'baseline'));
        await run.step('It is frozen in a snapshot that has a checksum on every replica', () =>
          takeHashedSnapshot(run, attached),
        );
        const imagesBefore = await run.step('Every replica hangs on the backing image of its own disk', () =>
          auditLvolsOf(run, { stage, subject, phase: 'attached' }),
        );

        const away = await run.step('One replica fails, and writes go on without it', () =>
          writeWhileAway(run, stage, attached),
        );
        await run.step('The same replica is rebuilt on what it has', () => proveReuse(run, attached, away));

        await run.step('Rebuilt: passes equal the oracle', () => readAll(run, attached, 'rebuilt', awayContent));
        await run.step('Lvols and checksums of all replicas agree', () =>
          auditLvolsOf(run, {
            stage,
            subject,
            phase: 'rebuilt',
            rebuilt: away.placement.replica,
            earlierImages: imagesBefore,
          }),
        );
        await run.step('Isolation: the replica that was away alone answers', () =>
          whileAlone(run, { stage, subject, replica: away.placement.replica, then: 'leave' }, () =>
            readAll(run, attached, 'isolated', awayContent),
          ),
        );
        await run.step('No engine logged what a sound run does not log', () =>
          lookForForbiddenLines(run, attached, startedMs),
        );
      });

      await test.step('Verdict', () => concludeRun(run));
    });
  });
}
