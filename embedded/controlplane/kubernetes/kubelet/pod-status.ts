import type { Clock } from '../../../clock.ts';
import { nextCondition, type NewPodCondition } from '../objects/pod-condition.ts';
import type { Container, ContainerStatus, Pod, PodCondition, PodPhase, PodStatus } from '../objects/pod.ts';

/** What the kubelet knows of a pod; the status is computed from it. */
export interface PodState {
  startTime: string;
  hostIp: string;
  podIp: string | undefined;
  /** The sandbox is there: address, directories, volumes. */
  sandboxReady: boolean;
  initContainers: readonly ContainerStatus[];
  containers: readonly ContainerStatus[];
  initialized: boolean;
  /** Set when no container will be started again. */
  outcome: 'Succeeded' | 'Failed' | undefined;
}

function phaseOf(state: PodState): PodPhase {
  if (state.outcome !== undefined) {
    return state.outcome;
  }
  const hasRun = (status: ContainerStatus): boolean =>
    status.state.waiting === undefined || status.lastState.terminated !== undefined;
  return state.initialized && state.containers.every(hasRun) ? 'Running' : 'Pending';
}

function namesWhere(statuses: readonly ContainerStatus[], test: (status: ContainerStatus) => boolean): string {
  return statuses
    .filter(test)
    .map(({ name }) => name)
    .join(' ');
}

function conditionsOf(state: PodState): NewPodCondition[] {
  const succeeded = state.outcome === 'Succeeded';
  const unready = namesWhere(state.containers, (status) => !status.ready);
  const running = state.outcome === undefined && state.initialized && unready === '';
  const notReady: NewPodCondition = succeeded
    ? { type: 'Ready', status: 'False', reason: 'PodCompleted' }
    : state.outcome === 'Failed'
      ? { type: 'Ready', status: 'False', reason: 'PodFailed' }
      : {
          type: 'Ready',
          status: 'False',
          reason: 'ContainersNotReady',
          message: `containers with unready status: [${unready}]`,
        };
  const ready: NewPodCondition = running ? { type: 'Ready', status: 'True' } : notReady;
  const incomplete = namesWhere(state.initContainers, (status) => status.state.terminated?.exitCode !== 0);
  const initialized: NewPodCondition = state.initialized
    ? { type: 'Initialized', status: 'True', ...(succeeded ? { reason: 'PodCompleted' } : {}) }
    : {
        type: 'Initialized',
        status: 'False',
        reason: 'ContainersNotInitialized',
        message: `containers with incomplete status: [${incomplete}]`,
      };
  const sandbox = state.sandboxReady && state.outcome === undefined;
  return [
    { type: 'PodReadyToStartContainers', status: sandbox ? 'True' : 'False' },
    initialized,
    ready,
    { ...ready, type: 'ContainersReady' },
  ];
}

/** What a container was given: its mounts and, once there is one, the user it runs as (recorded "pod get"). */
function insideOf(container: Container | undefined, { containerID }: ContainerStatus): Partial<ContainerStatus> {
  const mounts = (container?.volumeMounts ?? []).map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
  }));
  return {
    ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
    ...(containerID === undefined ? {} : { user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } } }),
  };
}

/** The pod's status as kubelet writes it, keeping what others wrote (PodScheduled) and the times of old conditions. */
export function composePodStatus(pod: Pod, state: PodState, clock: Clock): PodStatus {
  const generation = pod.metadata.generation;
  const earlier = pod.status?.conditions ?? [];
  const own = conditionsOf(state);
  const conditions: PodCondition[] = [
    ...own.map((condition) =>
      nextCondition(
        earlier.find(({ type }) => type === condition.type),
        condition,
        { generation, clock },
      ),
    ),
    ...earlier.filter(({ type }) => !own.some((condition) => condition.type === type)),
  ];
  const containers = new Map(
    [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((container) => [container.name, container]),
  );
  const copy = (statuses: readonly ContainerStatus[]): ContainerStatus[] =>
    statuses.map((status) => ({
      ...structuredClone(status),
      resources: {},
      ...insideOf(containers.get(status.name), status),
    }));
  return {
    qosClass: 'BestEffort',
    ...pod.status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: phaseOf(state),
    conditions,
    hostIP: state.hostIp,
    hostIPs: [{ ip: state.hostIp }],
    ...(state.podIp === undefined ? {} : { podIP: state.podIp, podIPs: [{ ip: state.podIp }] }),
    startTime: state.startTime,
    ...(state.initContainers.length === 0 ? {} : { initContainerStatuses: copy(state.initContainers) }),
    containerStatuses: copy(state.containers),
    resources: {},
  };
}
