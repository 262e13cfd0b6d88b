import { storyName } from '../helpers/eventlog/story.ts';
import { usualImageBytes } from '../helpers/oracle/make-plan.ts';
import { usualVolumes } from '../helpers/oracle/parallel-plan.ts';
import { mainScenario } from '../helpers/oracle/plan.ts';
import type { Verdict } from '../helpers/verdict/verdict.ts';

const mib = 1024 * 1024;
const defaults = { sizeMib: 500, replicas: 2, reads: 10 };

/** A story for a person: its image format, behind its scenario where that is not the main one. */
export function storyWords({ scenario, image }: Pick<Verdict, 'scenario' | 'image'>): string {
  return image === null ? 'run' : storyName({ scenario: scenario ?? mainScenario, image });
}

/** The command that makes the same plan again; null when the log does not know its seed. */
export function replayCommand(verdicts: readonly Verdict[]): string | null {
  const [first] = verdicts;
  if (first === undefined || first.seed === null) return null;
  const flags = ['--seed', first.seed];
  // A pod's name for its own cluster is none outside of it.
  if (first.target === 'in-cluster') flags.push('--context', 'NAME');
  else if (first.target !== 'embedded') flags.push('--context', first.target);
  else if (first.longhornVersion !== null) flags.push('--longhorn', first.longhornVersion.replace(/^v/, ''));
  flags.push(...first.clusterFlags);
  const scenarios = [...new Set(verdicts.flatMap(({ scenario }) => scenario ?? []))];
  if (scenarios.some((name) => name !== mainScenario)) flags.push('--scenario', scenarios.join(','));
  if (first.subject?.sharedParent === 'linked-clone') flags.push('--shared-parent', 'linked-clone');
  const { interruption } = first.subject ?? {};
  if (interruption !== undefined) flags.push('--interruption', interruption);
  const volumes = verdicts.flatMap(({ subject }) => subject?.volumes ?? [])[0];
  if (volumes !== undefined && volumes !== usualVolumes) flags.push('--volumes', String(volumes));
  const images = new Set(verdicts.map(({ image }) => image));
  if (images.size === 1 && first.image !== null) flags.push('--image', first.image);
  const { subject } = first;
  if (subject !== null && subject.sizeBytes !== defaults.sizeMib * mib)
    flags.push('--size', `${subject.sizeBytes / mib}Mi`);
  if (subject !== null && subject.imageBytes !== usualImageBytes(subject.sizeBytes))
    flags.push('--image-size', `${subject.imageBytes / mib}Mi`);
  if (subject !== null && subject.replicaCount !== defaults.replicas)
    flags.push('--replicas', `${subject.replicaCount}`);
  const reads = first.passes.find(({ phase }) => phase === 'rebuilt')?.planned ?? 0;
  if (reads > 0 && reads !== defaults.reads) flags.push('--reads', `${reads}`);
  return `npm run verify -- ${flags.join(' ')}`;
}
