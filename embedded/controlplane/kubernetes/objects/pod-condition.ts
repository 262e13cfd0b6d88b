import type { Clock } from '../../../clock.ts';
import type { Pod, PodCondition } from './pod.ts';

export type NewPodCondition = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

/** The condition with the time of its last change of status, given the condition as it was. */
export function nextCondition(
  earlier: PodCondition | undefined,
  condition: NewPodCondition,
  options: { generation: number | undefined; clock: Clock },
): PodCondition {
  const unchanged = earlier?.status === condition.status;
  return {
    type: condition.type,
    ...(options.generation === undefined ? {} : { observedGeneration: options.generation }),
    status: condition.status,
    lastProbeTime: null,
    lastTransitionTime: unchanged ? earlier.lastTransitionTime : options.clock.timestamp(),
    ...(condition.reason === undefined ? {} : { reason: condition.reason }),
    ...(condition.message === undefined ? {} : { message: condition.message }),
  };
}

/** Sets one condition of a pod draft, keeping the others and their order. */
export function setPodCondition(draft: Pod, condition: NewPodCondition, clock: Clock): void {
  const conditions = draft.status?.conditions ?? [];
  const earlier = conditions.find((other) => other.type === condition.type);
  const next = nextCondition(earlier, condition, { generation: draft.metadata.generation, clock });
  draft.status = {
    ...draft.status,
    conditions:
      earlier === undefined ? [...conditions, next] : conditions.map((other) => (other === earlier ? next : other)),
  };
}
