/** Waits for states of the volume under test. longhorn-facts §4.3, §4.7 */
import type { KubeClient } from '../kubernetes/client.ts';
import { WaitTimeout } from '../kubernetes/errors.ts';
import { met, pending, waitFor } from '../kubernetes/wait.ts';
import { activeEngine, livingReplicas, sourcesOf, type Subject, type SubjectView } from './subject.ts';
import { describe, faulted, healthyOn, replenished, settled, settledUnpurged } from './volume-states.ts';

interface Timeout {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Attached on that node with its device there, all replicas of the engine RW, and healthy. `attached` alone says none
 * of the rest: the device and the modes come with the engine monitor's first poll.
 */
export async function waitUntilHealthy(
  client: KubeClient,
  subject: Subject,
  options: Timeout & { node: string },
): Promise<SubjectView> {
  return waitFor(client, {
    what: `volume ${subject.name} healthy on ${options.node}`,
    expected: `state attached on ${options.node}, a device, every replica RW with healthyAt, robustness healthy`,
    sources: sourcesOf(subject),
    until: (view) => healthyOn(view, options.node),
    forbidden: faulted,
    confirm: 'reread',
    ...boundsOf(options),
  });
}

/** All replicas that the volume asks for are there and serve; wherever it is attached. */
export async function waitUntilReplenished(
  client: KubeClient,
  subject: Subject,
  options: Timeout,
): Promise<SubjectView> {
  return waitFor(client, {
    what: `volume ${subject.name} replenished`,
    expected: 'as many living replicas as it asks for, all RW with healthyAt, robustness healthy',
    sources: sourcesOf(subject),
    until: replenished,
    forbidden: faulted,
    confirm: 'reread',
    ...boundsOf(options),
  });
}

export async function waitUntilDetached(client: KubeClient, subject: Subject, options: Timeout): Promise<SubjectView> {
  return waitFor(client, {
    what: `volume ${subject.name} detached`,
    expected: 'state detached, no node, the engine without an endpoint',
    sources: sourcesOf(subject),
    until: (view) => {
      const [volume] = view.volumes;
      const state = volume?.status?.state;
      const gone = state === 'detached' && (activeEngine(view)?.status?.endpoint ?? '') === '';
      return gone ? met(view) : pending(`state ${state ?? 'absent'}`);
    },
    ...boundsOf(options),
  });
}

/** Detached, and no longer faulted: after a crash, what was salvaged can be attached again. */
export async function waitUntilReleased(client: KubeClient, subject: Subject, options: Timeout): Promise<SubjectView> {
  return waitFor(client, {
    what: `volume ${subject.name} detached and usable`,
    expected: 'state detached, no node, the engine without an endpoint, robustness not faulted',
    sources: sourcesOf(subject),
    until: (view) => {
      const { state, robustness, currentNodeID } = view.volumes[0]?.status ?? {};
      const gone = state === 'detached' && (currentNodeID ?? '') === '';
      const idle = (activeEngine(view)?.status?.endpoint ?? '') === '';
      return gone && idle && robustness !== 'faulted' ? met(view) : pending(describe(view));
    },
    ...boundsOf(options),
  });
}

/** Every replica has its disk. Answers with their nodes. */
export async function waitUntilPlaced(
  client: KubeClient,
  subject: Subject,
  options: Timeout,
): Promise<readonly string[]> {
  return waitFor(client, {
    what: `replicas of volume ${subject.name} placed`,
    expected: 'as many replicas as it asks for, each with a node and a disk',
    sources: sourcesOf(subject),
    until: (view) => {
      const placed = livingReplicas(view).filter(
        ({ spec }) => (spec.nodeID ?? '') !== '' && (spec.diskID ?? '') !== '',
      );
      return placed.length === view.volumes[0]?.spec.numberOfReplicas
        ? met(placed.map(({ spec }) => spec.nodeID ?? ''))
        : pending(describe(view));
    },
    ...boundsOf(options),
  });
}

export async function waitUntilVolumeGone(
  client: KubeClient,
  subject: { namespace: string; name: string },
  options: Timeout,
): Promise<void> {
  await waitFor(client, {
    what: `volume ${subject.name} gone`,
    expected: 'no Volume, no Engine and no Replica of it',
    sources: sourcesOf(subject),
    until: (view) => {
      const left = [...view.volumes, ...view.engines, ...view.replicas].map(({ metadata }) => metadata.name);
      return left.length === 0 ? met(undefined) : pending(`left: ${left.join(' ')}`);
    },
    ...boundsOf(options),
  });
}

/** The purge after a rebuild begins, and shows, within three looks of five seconds each. */
const purgeTimeoutMs = 60_000;

/**
 * Snapshot purges have ended, so that the lvol graph holds still: what the release's purge takes is gone. One system
 * snapshot may stay when nothing has changed for a minute: Longhorn does not repeat a purge that failed or that a restart
 * of its manager cut off. longhorn-facts §4.9 item 10; longhorn-manager:controller/engine_controller.go@v1.11.3
 */
export async function waitUntilSettled(client: KubeClient, subject: Subject, options: Timeout): Promise<SubjectView> {
  const wait = (until: typeof settled, left: string, timeoutMs: number): Promise<SubjectView> =>
    waitFor(client, {
      what: `snapshot purge of volume ${subject.name} ended`,
      expected: `no purge and no rebuild going on, ${left}`,
      sources: sourcesOf(subject),
      until,
      forbidden: faulted,
      confirm: 'reread',
      ...boundsOf({ ...options, timeoutMs }),
    });
  const purgeMs = Math.min(options.timeoutMs, purgeTimeoutMs);
  try {
    return await wait(settled, 'no system snapshot that the purge takes', purgeMs);
  } catch (error) {
    if (!(error instanceof WaitTimeout) || purgeMs === options.timeoutMs) throw error;
    return wait(settledUnpurged, 'at most one system snapshot', options.timeoutMs - purgeMs);
  }
}

function boundsOf({ timeoutMs, signal }: Timeout): Timeout {
  return signal === undefined ? { timeoutMs } : { timeoutMs, signal };
}
