import type { z } from 'zod';
import type {
  exitCodeSchema,
  passSummarySchema,
  runVerdictSchema,
  samplingSchema,
  snapshotReadingSchema,
  verdictNameSchema,
  verdictSchema,
} from './schema.ts';

export type {
  AuditFinding,
  Citation,
  ContentFinding,
  Finding,
  PassesDisagreeFinding,
  PlacedReplica,
} from './finding-schema.ts';

export type VerdictName = z.infer<typeof verdictNameSchema>;
export type ExitCode = z.infer<typeof exitCodeSchema>;
export type PassSummary = z.infer<typeof passSummarySchema>;
export type SnapshotReading = z.infer<typeof snapshotReadingSchema>;
export type Sampling = z.infer<typeof samplingSchema>;
/** The verdict on one volume; the shape of `<run>/<image>/verdict.json`. */
export type Verdict = z.infer<typeof verdictSchema>;
/** The verdict on a run that judged one image format or several; the shape of `<run>/verdict.json`. */
export type RunVerdict = z.infer<typeof runVerdictSchema>;
