import type { ClusterContext, Controller } from '../context.ts';

/** The controllers behind Deployments, ReplicaSets, DaemonSets, StatefulSets and Jobs. */
export function startWorkloads(_context: ClusterContext): Controller[] {
  return [];
}
