import type { Clock } from '../../../clock.ts';
import type { Probe } from '../objects/pod.ts';
import { checkProbe, type ProbeTarget } from './probe-check.ts';
import { pause, scaledMs } from './timing.ts';

export interface ContainerProbesOptions {
  clock: Clock;
  target: ProbeTarget;
  /** Aborted when this run of the container ends. */
  signal: AbortSignal;
  onStarted: () => void;
  onReady: (ready: boolean) => void;
  /** Each failure, worded as kubelet's Unhealthy event. */
  onUnhealthy: (message: string) => void;
  /** The container must be restarted. */
  onFatal: (probe: 'liveness' | 'startup') => void;
}

/** A check every 200 ms is as often as processes can be asked without being the machine's main work. */
const shortestPeriodMs = 200;

interface ProbeLoop {
  name: 'Startup' | 'Readiness' | 'Liveness';
  probe: Probe;
  /** True ends the loop. */
  onOutcome: (outcome: 'success' | 'failure') => boolean;
}

async function runLoop(options: ContainerProbesOptions, loop: ProbeLoop): Promise<void> {
  const { clock, signal, target } = options;
  const { probe } = loop;
  const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1 } = probe;
  const { successThreshold = 1, failureThreshold = 3 } = probe;
  let last: 'success' | 'failure' | undefined;
  let inARow = 0;
  await pause(scaledMs(clock, initialDelaySeconds, 0), signal);
  while (!signal.aborted) {
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
    const result = await checkProbe(target, probe, timeout);
    if (signal.aborted) {
      return;
    }
    if (result.kind === 'failure') {
      options.onUnhealthy(`${loop.name} probe failed: ${result.output}`);
    }
    inARow = result.kind === last ? inARow + 1 : 1;
    last = result.kind;
    const threshold = result.kind === 'success' ? successThreshold : failureThreshold;
    if (inARow >= threshold && loop.onOutcome(result.kind)) {
      return;
    }
    await pause(scaledMs(clock, periodSeconds, shortestPeriodMs), signal);
  }
}

/** Runs a container's probes until its run ends: startup first, then liveness and readiness side by side. */
export async function runContainerProbes(options: ContainerProbesOptions): Promise<void> {
  const { startupProbe, readinessProbe, livenessProbe } = options.target.container;
  let startupFailed = false;
  if (startupProbe !== undefined) {
    await runLoop(options, {
      name: 'Startup',
      probe: startupProbe,
      onOutcome(outcome) {
        startupFailed = outcome === 'failure';
        return true;
      },
    });
    if (startupFailed) {
      options.onFatal('startup');
    }
    if (startupFailed || options.signal.aborted) {
      return;
    }
  }
  options.onStarted();
  const loops: Promise<void>[] = [];
  if (readinessProbe === undefined) {
    options.onReady(true);
  } else {
    const onOutcome = (outcome: 'success' | 'failure'): boolean => {
      options.onReady(outcome === 'success');
      return false;
    };
    loops.push(runLoop(options, { name: 'Readiness', probe: readinessProbe, onOutcome }));
  }
  if (livenessProbe !== undefined) {
    const onOutcome = (outcome: 'success' | 'failure'): boolean => {
      if (outcome === 'failure') {
        options.onFatal('liveness');
      }
      return outcome === 'failure';
    };
    loops.push(runLoop(options, { name: 'Liveness', probe: livenessProbe, onOutcome }));
  }
  await Promise.all(loops);
}
