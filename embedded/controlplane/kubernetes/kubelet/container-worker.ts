import { join } from 'node:path';
import { createContainerLog, type ContainerLog } from '../../../runtime/container-log.ts';
import type { ContainerScene } from '../../../runtime/container-scene.ts';
import type { ExecOutcome, PodPaths } from '../../../runtime/contract.ts';
import { runExec, type ExecSession } from '../../../runtime/exec-session.ts';
import { imageReference } from '../../../runtime/image-catalog.ts';
import type { RunningProcess } from '../../../runtime/process-group.ts';
import type { Container, ContainerState, ContainerStatus, Pod } from '../objects/pod.ts';
import { ContainerConfigError } from './container-environment.ts';
import { runContainerProbes } from './container-probes.ts';
import { startContainerRun, type ContainerRun } from './container-run.ts';
import { prepareContainer, type PreparedContainer } from './container-scene.ts';
import { enterState, terminatedState, waitingStatus, type Ending } from './container-status.ts';
import { crashLoop } from './crash-loop.ts';
import { pullImage } from './image-pull.ts';
import { probeExec } from './probe-exec.ts';
import { podEvent, type KubeletServices } from './services.ts';
import { graceMs } from './timing.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export interface ContainerWorkerOptions {
  services: KubeletServices;
  /** The pod as it is now. */
  pod: () => Pod;
  container: Container;
  restartPolicy: RestartPolicy;
  paths: PodPaths;
  podIp: string;
  podDirectory: string;
  /** Called after every change of `status`. */
  changed: () => void;
}

export interface ContainerWorker {
  readonly container: Container;
  readonly status: ContainerStatus;
  /** Exit code of the last run; resolves when the container will not be started again. Never rejects. */
  readonly finished: Promise<number>;
  /** Resolves when the container has started for the first time (or never will). */
  readonly started: Promise<void>;
  /** Undefined while no program of the container runs. */
  exec(session: Omit<ExecSession, 'groups' | 'scene' | 'execId' | 'leftBehind'>): Promise<ExecOutcome> | undefined;
  log(which: 'current' | 'previous'): ContainerLog | undefined;
  stop(graceSeconds: number): Promise<void>;
}

/** A container that ran this long, in cluster seconds, starts its back-off anew. */
const backoffResetSeconds = 600;

/** Runs one container of a pod: image, program, probes, restarts with kubelet's back-off. */
export function startContainerWorker(options: ContainerWorkerOptions): ContainerWorker {
  const { services, container, restartPolicy, changed } = options;
  const { context, groups } = services;
  const { clock, identifiers } = context;
  const stopping = new AbortController();
  const status = waitingStatus(container, 'ContainerCreating');
  const logs: ContainerLog[] = [];
  const leftBehind = new Set<RunningProcess>();
  let scene: ContainerScene | undefined;
  let run: ContainerRun | undefined;
  let graceSeconds = 30;
  let announceStart: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    announceStart = resolve;
  });

  function setState(state: ContainerState): void {
    enterState(status, state);
    changed();
  }

  function report(type: 'Normal' | 'Warning', reason: string, message: string): void {
    podEvent(services, options.pod(), { type, reason, message, container });
  }

  /** Retries while the spec refers to objects that are missing. */
  async function prepare(): Promise<PreparedContainer> {
    for (;;) {
      const waiting = (state: NonNullable<ContainerState['waiting']>): void => setState({ waiting: state });
      const pod = options.pod();
      const image = await pullImage({ services, pod, container, waiting, signal: stopping.signal });
      status.imageID = `${imageReference(container.image)} (embedded)`;
      try {
        return await prepareContainer({
          resources: context.resources,
          identity: context.identity(),
          pod,
          container,
          image,
          paths: options.paths,
          podIp: options.podIp,
          tools: services.tools,
          rootDirectory: join(options.podDirectory, 'root', container.name),
        });
      } catch (error) {
        if (!(error instanceof ContainerConfigError)) {
          throw error;
        }
        report('Warning', 'Failed', `Error: ${error.message}`);
        waiting({ reason: 'CreateContainerConfigError', message: error.message });
        await clock.sleep(10, stopping.signal);
      }
    }
  }

  function terminated(ending: Ending): void {
    setState(terminatedState(status, ending, clock));
  }

  async function watchHealth(current: ContainerRun, ended: AbortSignal): Promise<void> {
    await runContainerProbes({
      clock,
      signal: ended,
      target: { container, podIp: options.podIp, exec: probeExec(exec) },
      onStarted() {
        status.started = true;
        announceStart();
        changed();
      },
      onReady(ready) {
        if (status.ready !== ready) {
          status.ready = ready;
          changed();
        }
      },
      onUnhealthy: (message) => report('Warning', 'Unhealthy', message),
      onFatal(probe) {
        report('Normal', 'Killing', `Container ${container.name} failed ${probe} probe, will be restarted`);
        void current.stop(graceMs(clock, options.pod().spec.terminationGracePeriodSeconds ?? 30));
      },
    });
  }

  async function runOnce(attempt: number): Promise<number> {
    const prepared = await prepare();
    const log = await createContainerLog(join(options.podDirectory, 'logs', container.name, `${attempt}.log`));
    logs.splice(0, Math.max(0, logs.length - 1));
    logs.push(log);
    status.containerID = `containerd://${identifiers.hex(64)}`;
    status.restartCount = attempt;
    report('Normal', 'Created', 'Container created');
    const outcome = await startContainerRun({ groups, prepared, log });
    if (outcome.kind === 'refused') {
      const message =
        'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
        `unable to start container process: error during container init: ${outcome.message}`;
      report('Warning', 'Failed', `Error: ${message}`);
      terminated({ exitCode: 128, startedAt: '1970-01-01T00:00:00Z', failure: { reason: 'StartError', message } });
      return 128;
    }
    report('Normal', 'Started', 'Container started');
    const startedAt = clock.timestamp();
    scene = prepared.scene;
    run = outcome.run;
    setState({ running: { startedAt } });
    const ended = new AbortController();
    const health = watchHealth(outcome.run, ended.signal);
    if (stopping.signal.aborted) {
      void outcome.run.stop(graceMs(clock, graceSeconds));
    }
    const exitCode = await outcome.run.exited;
    scene = undefined;
    run = undefined;
    for (const process of leftBehind) {
      process.release();
    }
    leftBehind.clear();
    ended.abort();
    await health;
    terminated({ exitCode, startedAt });
    return exitCode;
  }

  async function waitBeforeRestart(restarts: number): Promise<void> {
    const { seconds, message, waiting } = crashLoop(container, options.pod(), restarts);
    report('Warning', 'BackOff', message);
    setState({ waiting });
    await clock.sleep(seconds, stopping.signal);
  }

  async function work(): Promise<number> {
    let backoffs = 0;
    for (let attempt = 0; ; attempt += 1) {
      const begun = Date.now();
      const exitCode = await runOnce(attempt);
      const again = restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
      if (!again || stopping.signal.aborted) {
        return exitCode;
      }
      const ranSeconds = (Date.now() - begun) / 1000 / clock.timeScale;
      backoffs = ranSeconds >= backoffResetSeconds && attempt > 0 ? 0 : backoffs;
      if (attempt > 0) {
        backoffs += 1;
        await waitBeforeRestart(backoffs);
      }
    }
  }

  function exec(
    session: Omit<ExecSession, 'groups' | 'scene' | 'execId' | 'leftBehind'>,
  ): Promise<ExecOutcome> | undefined {
    return scene === undefined
      ? undefined
      : runExec({
          ...session,
          groups,
          scene,
          execId: identifiers.hex(64),
          leftBehind: (process) => leftBehind.add(process),
        });
  }

  const finished = work().catch((error: unknown) => {
    if (!stopping.signal.aborted && !context.signal.aborted) {
      console.error(`kubelet failed to run container ${container.name} of pod ${options.pod().metadata.name}:`, error);
      const failure = { reason: 'StartError', message: String(error) };
      terminated({ exitCode: 128, startedAt: clock.timestamp(), failure });
    }
    return status.state.terminated?.exitCode ?? status.lastState.terminated?.exitCode ?? 137;
  });
  void finished.then(announceStart);

  return {
    container,
    status,
    finished,
    started,
    exec,
    log(which) {
      const last = logs.at(-1);
      const between = status.state.waiting !== undefined;
      return which === 'current' || between ? last : logs.at(-2);
    },
    async stop(seconds) {
      graceSeconds = seconds;
      stopping.abort(new Error('The container is being stopped.'));
      await run?.stop(graceMs(clock, seconds));
      await finished;
    },
  };
}
