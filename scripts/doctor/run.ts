import { connect, type KubeClient } from '../../helpers/kubernetes/client.ts';
import { namespaces } from '../../helpers/kubernetes/core-kinds.ts';
import { reachOf, type Reach } from '../../helpers/kubernetes/reach.ts';
import { allChecks, forClones } from '../../helpers/longhorn/checks/all.ts';
import { apiCheck } from '../../helpers/longhorn/checks/api.ts';
import { examine, type Check, type CheckResult, type Scene } from '../../helpers/longhorn/checks/check.ts';
import { probeImageCheck } from '../../helpers/longhorn/checks/probe-image.ts';
import { readEnvironment, type Environment } from '../../helpers/longhorn/environment.ts';
import { takeLock } from '../../helpers/longhorn/lock/run-lock.ts';
import { startEmbeddedProcess } from '../verify/embedded-process.ts';
import { holdToContract } from './contract.ts';
import { reportOf, type DoctorReport, type KeptPromise } from './report.ts';
import type { DoctorRequest } from './request.ts';

/** Looks at the requested target; an embedded one is made for it and gone afterwards. */
export async function examineTarget(request: DoctorRequest, signal: AbortSignal): Promise<DoctorReport> {
  const { target } = request;
  if (target.kind === 'context') {
    return examineContext(request, { ...target, name: target.context, reach: reachOf(target) }, signal);
  }
  const { longhorn, topology, timeScale } = target;
  const flags = ['--longhorn', longhorn, '--topology', topology, '--time-scale', String(timeScale)];
  const cluster = await startEmbeddedProcess({ flags, outlive: false });
  try {
    const { context, kubeconfig: kubeconfigPath } = cluster;
    const place = { context, kubeconfigPath, name: 'embedded', reach: reachOf({ context, kubeconfigPath }) };
    return await examineContext(request, place, signal);
  } finally {
    await cluster.stop();
  }
}

interface Place {
  readonly context: string;
  readonly kubeconfigPath: string;
  readonly name: string;
  readonly reach: Reach;
}

async function examineContext(request: DoctorRequest, place: Place, signal: AbortSignal): Promise<DoctorReport> {
  const { namespace, longhornNamespace, replicaCount, runId, sharedParent } = request;
  const client = connect({ context: place.context, kubeconfigPath: place.kubeconfigPath, signal });
  let environment: Promise<Environment> | undefined;
  const scene: Scene = {
    client,
    namespace,
    longhornNamespace,
    replicaCount,
    runId,
    sharedParent,
    reach: place.reach,
    environment: () => (environment ??= readEnvironment(client, longhornNamespace)),
  };
  const checks = sharedParent === 'linked-clone' ? forClones(allChecks) : allChecks;
  const results = await look(scene, [...checks, probeImage(request)]);
  const reachable = results.find(({ id }) => id === apiCheck.id)?.state === 'ok';
  const contract = request.contract && reachable ? await contractUnderLock(request, place, client) : undefined;
  return reportOf(place.name, results, contract);
}

/** The contract changes settings, as a run does, so no run may be at work meanwhile. */
async function contractUnderLock(
  request: DoctorRequest,
  place: Place,
  client: KubeClient,
): Promise<readonly KeptPromise[]> {
  const { longhornNamespace, runId } = request;
  const notChecked = (detail: string): readonly KeptPromise[] => [
    { title: 'every promise', sources: [], outcome: 'not checked', detail },
  ];
  if ((await client.find(namespaces, { name: longhornNamespace })) === undefined) {
    return notChecked(`there is no namespace ${longhornNamespace}: half of the promises are Longhorn's`);
  }
  const tell = (message: string): void => {
    console.error(message);
  };
  const wait = { waitMs: 0, onWait: tell, onLost: tell };
  const locking = await takeLock({
    ...{ client, renewingClient: client, longhornNamespace, runId, member: 'contract', ...wait },
  });
  if (locking.state === 'held by another') {
    const { runId: other, host } = locking.holder;
    return notChecked(`run ${other} on ${host} holds the cluster: ask again when it has ended`);
  }
  try {
    return await holdToContract({ ...request, ...place });
  } finally {
    await locking.lock.release(client.with({ signal: AbortSignal.timeout(30_000) }));
  }
}

/** Where the API does not answer, nothing else is asked: each would wait as long, and say the same. */
async function look(scene: Scene, checks: readonly Check[]): Promise<readonly CheckResult[]> {
  const [api, ...rest] = checks;
  if (api === undefined) return [];
  const [answer] = await examine(scene, [api]);
  if (answer === undefined) return [];
  if (answer.state === 'ok') return [answer, ...(await examine(scene, rest))];
  const seen = 'not looked at: the API does not answer';
  const after = apiCheck.id;
  return [
    answer,
    ...rest.map(({ id, name, weight }) => ({ id, name, weight, state: 'unknown', seen, after }) as const),
  ];
}

function probeImage({ probeImage: image, pullSecrets, pullTimeoutMs }: DoctorRequest): Check {
  const check = probeImageCheck({ image, pullSecrets, timeoutMs: pullTimeoutMs });
  if (pullTimeoutMs > 0) return check;
  return {
    ...check,
    look: () => Promise.resolve({ state: 'unknown', seen: 'only a pod can tell, and none was to be made' }),
  };
}
