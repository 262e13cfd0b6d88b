/** A Longhorn condition: every field is a string, times are RFC 3339 or empty (longhorn-facts §1.1). */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  lastProbeTime: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export function conditionOf(conditions: readonly Condition[] | null | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/**
 * Returns the list with the condition set. The transition time moves only when status, reason or message change, so
 * that setting the same value again is no change.
 */
export function withCondition(
  conditions: readonly Condition[] | null | undefined,
  change: { type: string; status: Condition['status']; reason?: string; message?: string; now: string },
): Condition[] {
  const list = [...(conditions ?? [])];
  const index = list.findIndex((condition) => condition.type === change.type);
  const old = list[index];
  const reason = change.reason ?? '';
  const message = change.message ?? '';
  if (old?.status === change.status && old.reason === reason && old.message === message) return list;
  const next: Condition = {
    type: change.type,
    status: change.status,
    lastProbeTime: '',
    lastTransitionTime: change.now,
    reason,
    message,
  };
  if (index < 0) list.push(next);
  else list[index] = next;
  return list;
}
