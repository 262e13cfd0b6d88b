import type { WorkloadCondition } from '../objects/workload.ts';

/** Puts the condition among the others, keeping the time of its last change of status. */
export function withCondition(
  conditions: readonly WorkloadCondition[],
  condition: Omit<WorkloadCondition, 'lastTransitionTime' | 'lastUpdateTime'>,
  timestamp: string,
): WorkloadCondition[] {
  const earlier = conditions.find(({ type }) => type === condition.type);
  const same = earlier?.status === condition.status;
  const unchanged = same && earlier.reason === condition.reason && earlier.message === condition.message;
  const next: WorkloadCondition = {
    ...condition,
    lastTransitionTime: same ? earlier.lastTransitionTime : timestamp,
    lastUpdateTime: unchanged ? (earlier.lastUpdateTime ?? timestamp) : timestamp,
  };
  return [...conditions.filter(({ type }) => type !== condition.type), next];
}
