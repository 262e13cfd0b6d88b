/**
 * `verdict.json`: the one description of its shape. The types, the documented JSON Schema
 * (`reports/verdict.schema.json`) and the validation of stored verdicts follow from it.
 */
import { z } from 'zod';
import { findingSchema, passPhaseSchema, placedReplicaSchema } from './finding-schema.ts';

const count = z.number().int().nonnegative();
const chance = z.number().min(0).max(1);

export const verdictNameSchema = z.enum(['consistent', 'inconsistent', 'inconclusive']);
export const exitCodeSchema = z.literal([0, 1, 2]);

export const passSummarySchema = z.object({
  phase: passPhaseSchema,
  planned: count.describe('Passes that the plan asks for.'),
  passes: count.describe('Passes that gave a result.'),
  lost: count.describe('Passes that gave none: short, cut, empty or contradicting themselves.'),
  right: count.describe('Passes equal to the oracle.'),
  distinctDigests: count.describe('Of the passes over one content; where a phase has several, the most of any.'),
  comparedBytes: count,
});

export const snapshotReadingSchema = z.object({
  snapshot: z.string().describe('Name of the content that it froze, as findings use it.'),
  object: z.string().nullable().describe('Name of the Snapshot CR, and of the snapshot in the engine.'),
  reader: z
    .enum(['together', 'source', 'rebuilt'])
    .describe('All first replicas together, a source of the rebuild alone, or the rebuilt replica alone.'),
  replicas: z.array(z.string()),
  passes: count.describe('Passes over it that gave a result; 0 makes a run inconclusive.'),
  right: count.describe('Those among them that were equal to the oracle.'),
});

export const samplingSchema = z.object({
  replicas: count.describe('Replicas that answered together.'),
  passes: count.describe('Passes that they answered together after the rebuild.'),
  independentPasses: count.describe('Those among them with enough requests in flight, each shape counted once.'),
  share: chance.describe('Share of the requests that one of the replicas serves, about 1/replicas.'),
  missOneRequest: chance.describe('Chance that a fault of one request in size shows in none of these passes.'),
  missEightRequests: chance.describe('The same for a fault of eight requests.'),
  missAtDepthOne: chance.describe(
    'Chance to miss any fault when every pass has one request in flight, whatever their number.',
  ),
});

export const verdictSchema = z.object({
  schemaVersion: z.literal(1).describe('Rises when a field changes its meaning or goes.'),
  verdict: verdictNameSchema.describe('A finding beats not-knowing, and not-knowing beats fine.'),
  exitCode: exitCodeSchema.describe('0 consistent, 1 inconsistent, 2 inconclusive.'),
  headline: z.string().describe('One sentence.'),
  target: z.string().describe('`embedded`, or the kubeconfig context.'),
  clusterFlags: z
    .array(z.string())
    .describe('Flags of `verify` that shaped the embedded cluster, beside its Longhorn release.'),
  scenario: z.string().nullable().describe("Its spec's file name without `.spec.ts`."),
  image: z.enum(['raw', 'qcow2']).nullable().describe('Format of the backing image.'),
  longhornVersion: z.string().nullable().describe('As the running images say.'),
  kubernetesVersion: z.string().nullable().describe('As the API server says.'),
  seed: z.string().nullable().describe('The same seed and options give the same plan.'),
  runId: z.string().nullable().describe('Label value of everything that the run made.'),
  startedAt: z.string().nullable().describe('RFC 3339.'),
  finished: z.boolean().describe('False when the log ends before the run does.'),
  subject: z
    .object({
      sizeBytes: count,
      replicaCount: count,
      imageBytes: count,
      sharedParent: z.enum(['backing-image', 'linked-clone']).describe('What the replicas hang on.'),
      writes: count,
      interruption: z
        .string()
        .exactOptional()
        .describe('What a rebuild was to be interrupted by; absent: the deletion of its replica.'),
      volumes: count.exactOptional().describe('How many such volumes were to be rebuilt at once; absent: one.'),
    })
    .nullable()
    .describe('The volume under test, as planned.'),
  findings: z.array(findingSchema).describe('What speaks against consistency.'),
  causes: z.array(z.string()).describe('Why less is known than a verdict needs.'),
  notes: z.array(z.string()).describe('What was not checked, and what could not be undone; no part of the verdict.'),
  passes: z.array(passSummarySchema).describe('Per phase, in the order of the run.'),
  snapshots: z
    .array(snapshotReadingSchema)
    .describe('What each snapshot of the user holds on each replica; empty where the scenario takes none.'),
  sampling: samplingSchema.nullable().describe('What passes alone, without isolation, could have missed.'),
  rebuild: z
    .object({
      removed: z.string(),
      rebuilt: placedReplicaSchema,
      sources: z.array(placedReplicaSchema),
      evidence: z.array(z.string()),
      durationMs: count.nullable().describe('From the deletion of the old replica to the proof of the new one.'),
    })
    .nullable()
    .describe('The rebuild as it was proven; null when it was not.'),
  bytes: z
    .object({
      device: count,
      written: count,
      compared: count.describe('Over all passes.'),
      wrongMibs: count.describe('MiBs of the device that were wrong in at least one pass.'),
    })
    .describe('Sizes and sums.'),
  durations: z.object({ totalMs: count, passesMs: count }).describe('Of the whole log, and of its passes together.'),
  crossChecks: z
    .array(z.object({ tool: z.string(), state: z.enum(['agreed', 'disagreed', 'skipped']), detail: z.string() }))
    .describe('What tools other than the probe read.'),
  undo: z
    .object({ undone: count, kept: z.array(z.string()), failed: z.array(z.string()) })
    .describe('What was removed or restored, and what was not.'),
});

export const runVerdictSchema = z.object({
  schemaVersion: z.literal(1),
  verdict: verdictNameSchema,
  exitCode: exitCodeSchema,
  headline: z.string(),
  verdicts: z.array(verdictSchema).describe('One per image format.'),
});

/** The JSON Schema (draft 2020-12) of `verdict.json`. */
export function verdictJsonSchema(): Record<string, unknown> {
  return { title: 'Verdict on a Longhorn V2 volume', ...z.toJSONSchema(verdictSchema) };
}
