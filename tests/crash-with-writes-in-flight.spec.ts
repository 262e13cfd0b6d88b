/**
 * An instance manager is lost while several connections write: first the engine alone, then an engine and a replica.
 * Every block must hold the write that was acknowledged last. What was in flight may be there or not, but it must be the
 * same in every read and on every replica, then and after rebuilds.
 */
import { startChurn } from '../fixtures/churn.ts';
import { concludeRun, tellStory } from '../fixtures/conclusion.ts';
import { attachAfterCrash, createAndAttachApart, loseEngineUnderWrites, settleWrites } from '../fixtures/crash.ts';
import { readPart } from '../fixtures/reading.ts';
import {
  auditLvolsOf,
  deletePlannedReplica,
  lookForForbiddenLines,
  prepareSharedParent,
  proveRebuild,
  readAll,
  replicaRebuiltSecond,
  requireUsableCluster,
  requireV2OnDifferentDisks,
  whileAlone,
  writePattern,
} from '../fixtures/stage.ts';
import { writtenContent } from '../helpers/oracle/recipe.ts';
import { requestedImages, test } from '../fixtures/test.ts';

/** Before each crash: some for every connection, over most of their blocks. */
const manyWrites = 100;

test.use({ scenario: 'crash-with-writes-in-flight' });

for (const imageFormat of requestedImages()) {
  test.describe(`${imageFormat} image`, () => {
    test.use({ imageFormat });

    test(`no acknowledged write is lost in a crash, over a ${imageFormat} image`, async ({ run }) => {
      const startedMs = Date.now();
      await tellStory(run, async () => {
        const { nodes } = await run.step('The cluster can give a verdict', () => requireUsableCluster(run));
        const stage = await run.step('The shared parent is made', () => prepareSharedParent(run, nodes[0] ?? ''));
        const attached = await run.step('A block volume is made from it and attached apart from its replicas', () =>
          createAndAttachApart(run, stage, nodes),
        );
        const { subject } = attached;
        await run.step('It really is a V2 volume, its replicas on different disks', () =>
          requireV2OnDifferentDisks(run, attached),
        );
        await run.step('A pattern is written', () => writePattern(run, attached));
        await run.step('Baseline: cold direct passes equal the oracle', () => readAll(run, attached, 'baseline'));

        const earlierImages = await run.step('Every replica hangs on the backing image of its own disk', () =>
          auditLvolsOf(run, { stage, subject, phase: 'attached' }),
        );

        const churn = await run.step('Several connections begin to write and to read', () =>
          startChurn(run, attached, writtenContent, manyWrites),
        );
        const crashed = await run.step('The engine is lost under them', () =>
          loseEngineUnderWrites(run, { attached, churn }),
        );
        const recovered = await run.step('The volume comes back, on a node that holds a replica', () =>
          attachAfterCrash(run, stage, { attached, where: 'with a replica', podName: 'probe-second', nodes }),
        );
        await run.step('The lvols are as before the crash', () =>
          auditLvolsOf(run, { stage, subject, phase: 'recovered', earlierImages, headsMayDiffer: true }),
        );
        const atRest = await run.step('What was in flight has come to rest, there or not', () =>
          settleWrites(run, recovered, { crashed, name: 'settled' }),
        );
        await run.step('Recovered: no acknowledged write is lost', () =>
          readPart(run, recovered, { phase: 'recovered', content: atRest, range: [0, 2] }),
        );

        const again = await run.step('The connections write again', () =>
          startChurn(run, recovered, atRest, manyWrites),
        );
        const crashedAgain = await run.step('The engine is lost with a replica', () =>
          loseEngineUnderWrites(run, { attached: recovered, churn: again }),
        );
        const whole = await run.step('The volume comes back, and with it the replica', () =>
          attachAfterCrash(run, stage, { attached: recovered, where: 'anywhere', podName: 'probe-third', nodes }),
        );
        await run.step('The lvols of all replicas agree', () =>
          auditLvolsOf(run, { stage, subject, phase: 'recovered', earlierImages, headsMayDiffer: true }),
        );
        const content = await run.step('What was in flight has come to rest again', () =>
          settleWrites(run, whole, { crashed: crashedAgain, name: 'settled again' }),
        );
        await run.step('Recovered again: no acknowledged write is lost', () =>
          readPart(run, whole, { phase: 'recovered', content, range: [2, 4] }),
        );

        const before = await run.step('One replica is deleted', () => deletePlannedReplica(run, whole));
        const { rebuilt } = await run.step('Its rebuild is proven by a new replica that serves', () =>
          proveRebuild(run, whole, before),
        );
        await run.step('Rebuilt: passes show what had come to rest', () => readAll(run, whole, 'rebuilt', content));
        await run.step('Nothing is left behind', () =>
          auditLvolsOf(run, {
            stage,
            subject,
            phase: 'rebuilt',
            rebuilt: rebuilt.replica,
            earlierImages,
            headsMayDiffer: true,
          }),
        );
        await run.step('Isolation: the rebuilt replica alone answers', () =>
          whileAlone(run, { stage, subject, replica: rebuilt.replica }, () => readAll(run, whole, 'isolated', content)),
        );
        const second = await replicaRebuiltSecond(run, subject, rebuilt.replica);
        await run.step('Isolation: the replica rebuilt from it alone answers', () =>
          whileAlone(run, { stage, subject, replica: second, phase: 'isolated-second', then: 'leave' }, () =>
            readAll(run, whole, 'isolated-second', content),
          ),
        );
        await run.step('No engine logged what a sound run does not log', () =>
          lookForForbiddenLines(run, whole, startedMs),
        );
      });

      await test.step('Verdict', () => concludeRun(run));
    });
  });
}
