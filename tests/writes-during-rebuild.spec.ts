/**
 * A replica is rebuilt while several connections write and others read. Every read must be explained by the history of
 * what it covers; afterwards every block must hold the version that was acknowledged last, on the rebuilt replica too.
 */
import { startChurn, stopChurn, whileCountingJoining } from '../fixtures/churn.ts';
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
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

test.use({ scenario: 'writes-during-rebuild' });

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`no write is lost that was acknowledged during a rebuild, over a ${imageFormat} image`, async ({ run }) => {
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

        const churn = await run.step('Several connections begin to write and to read', () => startChurn(run, attached));
        const { rebuilt, sources } = await run.step('Meanwhile a replica is deleted and rebuilt', () =>
          whileCountingJoining(run, { subject, churn }, async () =>
            proveRebuild(run, attached, await deletePlannedReplica(run, attached)),
          ),
        );
        const replicas = [rebuilt, ...sources].map(({ replica }) => replica).sort();
        const content = await run.step('The writes end: every read was explained by the history of its blocks', () =>
          stopChurn(run, churn, { phase: 'rebuilding', replicas }),
        );

        await run.step('Rebuilt: every block holds the version that was acknowledged last', () =>
          readAll(run, attached, 'rebuilt', content),
        );
        await run.step('The lvols of all replicas agree, and nothing is left behind', () =>
          auditLvolsOf(run, { stage, subject, phase: 'rebuilt', rebuilt: rebuilt.replica }),
        );
        await run.step('Isolation: the rebuilt replica alone answers', () =>
          whileAlone(run, { stage, subject, replica: rebuilt.replica }, () =>
            readAll(run, attached, 'isolated', content),
          ),
        );
        const reattached = await run.step('Replenished, the volume is detached and attached on another node', () =>
          reattachElsewhere(run, stage, { attached, nodes }),
        );
        await run.step('Reattached: cold passes equal the oracle', () =>
          readAll(run, reattached, 'reattached', content),
        );
        await run.step('No engine logged what a sound run does not log', () =>
          lookForForbiddenLines(run, attached, startedMs),
        );
      });

      await test.step('Verdict', () => concludeRun(run));
    });
  });
}
