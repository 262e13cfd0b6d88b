/** Waits for states of the volume under test. longhorn-facts §4.3, §4.7 */
import type { KubeClient } from '../kubernetes/client.ts';
import { WaitTimeout } from '../kubernetes/errors.ts';
import { met, pending, waitFor, type Progress } from '../kubernetes/wait.ts';
import {
  activeEngine,
  hasDevice,
  livingReplicas,
  modesOf,
  sourcesOf,
  type Subject,
  type SubjectView,
} from './subject.ts';
import { sortedPairs } from './summaries.ts';
import { purgeSparesHeadParent } from './version.ts';

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

/** Exported for its tests. */
export function healthyOn(view: SubjectView, node: string): Progress<SubjectView> {
  const [volume] = view.volumes;
  const attached = volume?.status?.state === 'attached' && volume.status.currentNodeID === node;
  if (!attached || !hasDevice(view)) return pending(describe(view));
  return replenished(view);
}

/** Exported for its tests. */
export function replenished(view: SubjectView): Progress<SubjectView> {
  const [volume] = view.volumes;
  const modes = modesOf(view);
  const living = livingReplicas(view);
  const all =
    volume?.status?.robustness === 'healthy' &&
    living.length === volume.spec.numberOfReplicas &&
    view.replicas.length === living.length &&
    Object.keys(modes).length === living.length &&
    living.every(({ metadata, spec }) => modes[metadata.name] === 'RW' && (spec.healthyAt ?? '') !== '');
  return all ? met(view) : pending(describe(view));
}

/** Exported for its tests. */
export function settled(view: SubjectView): Progress<SubjectView> {
  return atRest(view, (left) => left.length === 0);
}

/** As when the purge was missed. Exported for its tests. */
export function settledUnpurged(view: SubjectView): Progress<SubjectView> {
  return atRest(view, (left) => left.length <= 1);
}

function atRest(view: SubjectView, mayBeLeft: (names: readonly string[]) => boolean): Progress<SubjectView> {
  const status = activeEngine(view)?.status;
  const purging = Object.values(status?.purgeStatus ?? {}).some(({ isPurging }) => isPurging === true);
  const rebuilding = Object.keys(status?.rebuildStatus ?? {}).length > 0;
  const left = purgeable(view);
  if (purging || rebuilding || !mayBeLeft(left)) {
    return pending(
      `${purging ? 'purging, ' : ''}${rebuilding ? 'rebuilding, ' : ''}system snapshots: ${left.join(' ')}`,
    );
  }
  return replenished(view);
}

/** Names of the system snapshots that a purge takes. Several children keep one; so does the head, by release. */
function purgeable(view: SubjectView): string[] {
  const status = activeEngine(view)?.status;
  const spared = purgeSparesHeadParent(status?.currentImage ?? '') ? status?.snapshots?.['volume-head']?.parent : '';
  return Object.entries(status?.snapshots ?? {}).flatMap(([name, { usercreated, children }]) => {
    const kept = name === 'volume-head' || usercreated === true || name === spared;
    return kept || Object.keys(children ?? {}).length > 1 ? [] : [name];
  });
}

/** Faulted is final here: nothing in the scenario salvages a volume. */
export function faulted(view: SubjectView): string | undefined {
  const [volume] = view.volumes;
  if (volume?.status?.robustness === 'faulted') return `volume ${volume.metadata.name} is faulted: no replica is left`;
  if (volume?.spec.size === '0') return `volume ${volume.metadata.name} has size 0`;
  return undefined;
}

/** The view in one line, as transitions show it. */
export function describe(view: SubjectView): string {
  const [volume] = view.volumes;
  if (volume === undefined) return 'no volume';
  const { state, robustness, currentNodeID } = volume.status ?? {};
  const names = view.replicas.map(({ metadata, status, spec }) => {
    const terminating = metadata.deletionTimestamp === undefined ? '' : '(terminating)';
    const waiting = status?.conditions?.find((c) => c.type === 'WaitForBackingImage' && c.status === 'True');
    const notes = [
      (spec.healthyAt ?? '') === '' ? 'not yet healthy' : '',
      waiting === undefined ? '' : 'waits for image',
    ];
    return [`${metadata.name}${terminating}`, status?.currentState ?? '-', ...notes.filter((n) => n !== '')].join('/');
  });
  return [
    `${state ?? '-'} ${robustness ?? '-'} on ${currentNodeID === undefined || currentNodeID === '' ? '-' : currentNodeID}`,
    `modes {${sortedPairs(modesOf(view))}}`,
    `replicas ${names.join(' ')}`,
  ].join(', ');
}
