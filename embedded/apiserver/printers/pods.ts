import type { KubeObject, Payload } from '../store.ts';
import { ageOf } from './age.ts';
import { ageColumn, column, nameColumn } from './column.ts';
import type { Column } from './column.ts';

/** The STATUS of a pod, as kubernetes:pkg/printers/internalversion/printers.go printPod derives it. */
function podStatus(pod: KubeObject): string {
  const { status = {}, metadata } = pod;
  let reason: string = status.reason ?? status.phase ?? '';
  const initial: Payload[] = status.initContainerStatuses ?? [];
  let initializing = false;
  for (const [index, one] of initial.entries()) {
    const { terminated, waiting } = one.state ?? {};
    if (terminated?.exitCode === 0) continue;
    initializing = true;
    if (terminated !== undefined)
      reason = `Init:${terminated.reason ?? (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)}`;
    else if (waiting?.reason !== undefined && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`;
    else reason = `Init:${index}/${initial.length}`;
    break;
  }
  if (!initializing) reason = containersReason(status, reason);
  if (metadata.deletionTimestamp === undefined) return reason;
  return status.reason === 'NodeLost'
    ? 'Unknown'
    : status.phase === 'Succeeded' || status.phase === 'Failed'
      ? reason
      : 'Terminating';
}

function containersReason(status: Payload, fallback: string): string {
  let reason = fallback;
  let running = false;
  for (const one of [...((status.containerStatuses as Payload[] | undefined) ?? [])].reverse()) {
    const { waiting, terminated, running: runs } = one.state ?? {};
    if ((waiting?.reason ?? '') !== '') reason = waiting.reason;
    else if ((terminated?.reason ?? '') !== '') reason = terminated.reason;
    else if (terminated !== undefined)
      reason = terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
    else if (one.ready === true && runs !== undefined) running = true;
  }
  if (reason !== 'Completed' || !running) return reason;
  const ready = ((status.conditions as Payload[] | undefined) ?? []).some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
  return ready ? 'Running' : 'NotReady';
}

function restarts(pod: KubeObject): string {
  const statuses: Payload[] = pod.status?.containerStatuses ?? [];
  const count = statuses.reduce((sum, one) => sum + ((one.restartCount as number | undefined) ?? 0), 0);
  const last = statuses
    .map((one) => one.lastState?.terminated?.finishedAt as string | undefined)
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  return count > 0 && last !== undefined ? `${count} (${ageOf(last)} ago)` : String(count);
}

function ready(pod: KubeObject): string {
  const total = ((pod.spec?.containers as Payload[] | undefined) ?? []).length;
  const good = ((pod.status?.containerStatuses as Payload[] | undefined) ?? []).filter(
    (one) => one.ready === true,
  ).length;
  return `${good}/${total}`;
}

export const podColumns: readonly Column[] = [
  nameColumn,
  column('Ready', ready, { text: 'The aggregate readiness state of this pod for accepting traffic.' }),
  column('Status', podStatus, { text: 'The aggregate status of the containers in this pod.' }),
  column('Restarts', restarts, {
    text: 'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
  }),
  ageColumn,
  column('IP', (pod) => (pod.status?.podIP as string | undefined) ?? '<none>', { wide: true, field: 'status.podIP' }),
  column('Node', (pod) => (pod.spec?.nodeName as string | undefined) ?? '<none>', {
    wide: true,
    field: 'spec.nodeName',
  }),
  column('Nominated Node', (pod) => (pod.status?.nominatedNodeName as string | undefined) ?? '<none>', {
    wide: true,
    field: 'status.nominatedNodeName',
  }),
  column(
    'Readiness Gates',
    (pod) => (pod.spec?.readinessGates === undefined ? '<none>' : `0/${(pod.spec.readinessGates as unknown[]).length}`),
    { wide: true, field: 'spec.readinessGates' },
  ),
];
