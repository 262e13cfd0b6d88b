/** States of the volume under test, as its objects show them. longhorn-facts §4.3, §4.7 */
import { met, pending, type Progress } from '../kubernetes/wait.ts';
import type { Replica } from './kinds.ts';
import { activeEngine, hasDevice, livingReplicas, modesOf, type SubjectView } from './subject.ts';
import { sortedPairs } from './summaries.ts';
import { purgeSparesHeadParent } from './version.ts';

/** Attached on that node with its device there, and `replenished`. */
export function healthyOn(view: SubjectView, node: string): Progress<SubjectView> {
  const [volume] = view.volumes;
  const attached = volume?.status?.state === 'attached' && volume.status.currentNodeID === node;
  if (!attached || !hasDevice(view)) return pending(describe(view));
  return replenished(view);
}

/** All replicas that the volume asks for live, serve and have been healthy, and there is no other. */
export function replenished(view: SubjectView): Progress<SubjectView> {
  const all = view.replicas.length === view.volumes[0]?.spec.numberOfReplicas;
  return all ? servedByAll(view) : pending(describe(view));
}

/** As many replicas as the volume asks for serve and have been healthy; others may be there that were given up. */
export function servedByAll(view: SubjectView): Progress<SubjectView> {
  const [volume] = view.volumes;
  const modes = modesOf(view);
  const rest = new Set(givenUp(view));
  const serving = livingReplicas(view).filter((replica) => !rest.has(replica));
  const all =
    volume?.status?.robustness === 'healthy' &&
    serving.length === volume.spec.numberOfReplicas &&
    view.replicas.length === serving.length + rest.size &&
    Object.keys(modes).length === serving.length &&
    serving.every(({ metadata, spec }) => modes[metadata.name] === 'RW' && (spec.healthyAt ?? '') !== '');
  return all ? met(view) : pending(describe(view));
}

/**
 * Replicas that were healthy and failed. Where it does not use them again, Longhorn keeps them for `staleReplicaTimeout`
 * minutes (longhorn-manager:controller/volume_controller.go cleanupCorruptedOrStaleReplicas@v1.12.1).
 */
export function givenUp(view: SubjectView): readonly Replica[] {
  return livingReplicas(view).filter(({ spec }) => (spec.healthyAt ?? '') !== '' && (spec.failedAt ?? '') !== '');
}

/** No purge, no rebuild, and nothing left that a purge takes. */
export function settled(view: SubjectView): Progress<SubjectView> {
  return atRest(view, (left) => left.length === 0);
}

/** As `settled`, when the purge was missed: one system snapshot may be left. */
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
