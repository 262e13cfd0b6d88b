import type { Clock } from '../../../clock.ts';
import type { Container, ContainerState, ContainerStatus } from '../objects/pod.ts';

/** The status of a container that has not run yet. */
export function waitingStatus(container: Container, reason: string): ContainerStatus {
  return {
    name: container.name,
    state: { waiting: { reason } },
    lastState: {},
    ready: false,
    restartCount: 0,
    image: container.image,
    imageID: '',
    started: false,
  };
}

/** Puts a container into a state; how it ended last is kept. */
export function enterState(status: ContainerStatus, state: ContainerState): void {
  if (status.state.terminated !== undefined) {
    status.lastState = status.state;
  }
  status.state = state;
  if (state.running === undefined) {
    status.ready = false;
    status.started = false;
  }
}

export interface Ending {
  exitCode: number;
  startedAt: string;
  /** Why it could not run at all. */
  failure?: { reason: string; message: string };
}

/** The state of a container whose program has ended now. */
export function terminatedState({ containerID }: ContainerStatus, ending: Ending, clock: Clock): ContainerState {
  const { exitCode, startedAt, failure } = ending;
  const reason = failure?.reason ?? (exitCode === 0 ? 'Completed' : 'Error');
  return {
    terminated: {
      exitCode,
      reason,
      ...(failure === undefined ? {} : { message: failure.message }),
      startedAt,
      finishedAt: clock.timestamp(),
      ...(containerID === undefined ? {} : { containerID }),
    },
  };
}
