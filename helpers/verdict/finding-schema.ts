import { z } from 'zod';
import { passPhases } from '../oracle/plan.ts';

const bytes = z.number().int().nonnegative();
const mib = z.number().int().nonnegative();

export const passPhaseSchema = z
  .enum(passPhases)
  .describe('When a pass read the device, e.g. before the rebuild, after it, with one replica alone.');

export const placedReplicaSchema = z.object({
  replica: z.string().describe('Name of the Replica CR.'),
  nodeId: z.string().nullable(),
  diskUuid: z.string().nullable().describe("UUID of the replica's lvstore (`replica.spec.diskID`)."),
  diskName: z.string().nullable().describe('Name of the lvstore, where it is known.'),
});

export const citationSchema = z.object({
  issue: z.string().describe('For example `longhorn/longhorn#10340`.'),
  url: z.string(),
  relation: z
    .enum(['known-defect', 'same-symptom'])
    .describe('`known-defect`: symptoms and release match. `same-symptom`: only the symptoms do.'),
  words: z.string().describe('One sentence for a person.'),
});

export const rangeClassSchema = z.enum([
  'image-data',
  'image-zeros',
  'image-hole',
  'beyond-image',
  'written',
  'written-zeros',
  'discarded',
]);

export const wrongByteKindSchema = z.enum([
  'zeros',
  'parent-shows-through',
  'older-generation',
  'other-offset',
  'other-volume',
  'torn',
  'garbage',
  'missing',
]);

const wrongBlockSchema = z.object({
  offsetBytes: bytes,
  lengthBytes: bytes,
  rangeClass: rangeClassSchema,
  wrongByteKind: wrongByteKindSchema,
  foundGeneration: z
    .number()
    .int()
    .optional()
    .describe("Where another version of the volume's own data stands in its place: which one."),
  detail: z.string(),
});

const common = {
  title: z.string().describe('One line for a person.'),
  evidence: z.array(z.string()).describe('What was seen, a sentence each.'),
  citations: z.array(citationSchema).describe('Known defects whose symptoms this finding is part of.'),
};

const phased = { phases: z.array(z.string()).describe('The moments of the run at which it was seen, in order.') };
const audited = { problem: z.string(), replica: placedReplicaSchema, ...phased };

export const contentFindingSchema = z.object({
  kind: z.literal('content').describe('Bytes differ from what the oracle says.'),
  ...common,
  phase: passPhaseSchema,
  content: z.string().describe('Name of the content that was expected; `written` is what the plan wrote first.'),
  passes: z.array(z.number().int()).describe('Indices of the passes of this phase that were wrong.'),
  replicas: z.array(z.string()).describe('The replicas that could answer, and no other.'),
  blamed: placedReplicaSchema
    .nullable()
    .describe('The replica that is proven to hold the wrong bytes; null when several could have answered.'),
  wrongMibs: z.array(mib).describe('Every MiB of the device that differed in at least one of the passes.'),
  wrongBytes: bytes.describe(
    'Bytes that differ, counted in classified blocks; in whole MiBs where none was classified.',
  ),
  blocks: z.array(wrongBlockSchema).describe('Classified differences, neighbours of one kind merged, ascending.'),
  rangeClasses: z.partialRecord(rangeClassSchema, bytes).describe('Wrong bytes per range class.'),
  wrongByteKinds: z.partialRecord(wrongByteKindSchema, bytes).describe('Wrong bytes per kind.'),
  complete: z.boolean().describe('False when some wrong MiB was not extracted, so that blocks lists only a part.'),
});

export const passesDisagreeFindingSchema = z.object({
  kind: z.literal('passes-disagree').describe('Cold reads of a device that nobody writes differ from one another.'),
  ...common,
  phase: passPhaseSchema,
  content: z.string().describe('Name of the content that was expected; `written` is what the plan wrote first.'),
  replicas: z.array(z.string()),
  behaviour: z.enum(['alternates', 'drifts']).describe('`alternates` between some digests, or `drifts`: no two alike.'),
  digests: z.array(z.object({ sha256: z.string(), passes: z.number().int(), right: z.boolean() })),
});

export const unstableFindingSchema = z.object({
  kind: z
    .literal('unstable-in-flight')
    .describe('A write in flight at a crash may be there or not, but it is there in some reads and not in others.'),
  ...common,
  phase: passPhaseSchema,
  replicas: z.array(z.string()).describe('All that could answer.'),
  stretches: z.array(
    z.object({
      offsetBytes: bytes,
      lengthBytes: bytes,
      generation: z.number().int().describe('Of the write in flight.'),
      reads: z.number().int(),
      landedReads: z.number().int().describe('Reads that showed the write.'),
    }),
  ),
});

export const findingSchema = z.discriminatedUnion('kind', [
  contentFindingSchema,
  passesDisagreeFindingSchema,
  unstableFindingSchema,
  z.object({ kind: z.literal('lvol-chain').describe("A replica's lvol chain is wrong."), ...common, ...audited }),
  z.object({ kind: z.literal('naming').describe('Snapshot names differ between replicas.'), ...common, ...audited }),
  z.object({
    kind: z
      .literal('membership')
      .describe('The raid does not consist of the replicas that the engine counts as serving.'),
    ...common,
    ...audited,
  }),
  z.object({ kind: z.literal('allocation').describe('Allocation or size differs.'), ...common, ...audited }),
  z.object({ kind: z.literal('left-behind').describe('A rebuild left an lvol behind.'), ...common, ...audited }),
  z.object({ kind: z.literal('snapshot-cr').describe('Snapshot CRs do not match the lvols.'), ...common, ...audited }),
  z.object({
    kind: z.literal('snapshot-checksum').describe('A snapshot is not what its checksum, or another replica, says.'),
    ...common,
    ...audited,
  }),
  z.object({ kind: z.literal('backing-image').describe('A backing image lvol changed.'), ...common, ...audited }),
  z.object({
    kind: z.literal('forbidden-observation').describe('An event or log line that a sound run does not have.'),
    ...common,
    where: z.string(),
    text: z.string(),
  }),
  z.object({
    kind: z.literal('cross-check-disagreed').describe('An independent tool read something else than the probe.'),
    ...common,
    tool: z.string(),
    detail: z.string(),
  }),
]);

export type PlacedReplica = z.infer<typeof placedReplicaSchema>;
export type Citation = z.infer<typeof citationSchema>;
export type ContentFinding = z.infer<typeof contentFindingSchema>;
export type PassesDisagreeFinding = z.infer<typeof passesDisagreeFindingSchema>;
export type UnstableFinding = z.infer<typeof unstableFindingSchema>;
export type Finding = z.infer<typeof findingSchema>;
export type AuditFinding = Extract<Finding, { problem: string }>;
