import type { Container, ContainerState, Pod } from '../objects/pod.ts';
import { backoffSeconds } from './image-pull.ts';

/** How long a container waits before it is started again for that time (from 1), and what is said of it meanwhile. */
export function crashLoop(
  container: Container,
  pod: Pod,
  restarts: number,
): {
  seconds: number;
  message: string;
  waiting: NonNullable<ContainerState['waiting']>;
} {
  const { name, namespace, uid } = pod.metadata;
  const seconds = backoffSeconds(restarts);
  const who = `${name}_${namespace}(${uid})`;
  return {
    seconds,
    message: `Back-off restarting failed container ${container.name} in pod ${who}`,
    waiting: {
      reason: 'CrashLoopBackOff',
      message: `back-off ${formatDelay(seconds)} restarting failed container=${container.name} pod=${who}`,
    },
  };
}

/** As Go prints a duration: `10s`, `1m20s`, `5m0s`. */
function formatDelay(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
