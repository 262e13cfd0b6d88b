import type { ClusterContext, Controller } from '../context.ts';
import { startDaemonSets } from './daemon-set.ts';
import { startDeployments } from './deployment.ts';
import { startJobs } from './job.ts';
import { startReplicaSets } from './replica-set.ts';
import { startStatefulSets } from './stateful-set.ts';

/** The controllers behind Deployments, ReplicaSets, DaemonSets, StatefulSets and Jobs. */
export function startWorkloads(context: ClusterContext): Controller[] {
  return [
    startDeployments(context),
    startReplicaSets(context),
    startDaemonSets(context),
    startStatefulSets(context),
    startJobs(context),
  ];
}
