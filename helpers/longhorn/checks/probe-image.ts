/** Whether the cluster can pull the probe's image: only a pod can tell, so one is made and removed again. */
import type { KubeClient } from '../../kubernetes/client.ts';
import { namespaces, pods, type Pod } from '../../kubernetes/core-kinds.ts';
import { ApiError, WaitTimeout } from '../../kubernetes/errors.ts';
import type { Owned } from '../../kubernetes/ownership.ts';
import { pullFailure } from '../../kubernetes/image-pull.ts';
import { waitUntilPodsAreAdmitted } from '../../kubernetes/new-namespace.ts';
import { met, pending, waitFor } from '../../kubernetes/wait.ts';
import type { Check, Look, Scene } from './check.ts';

export interface ProbeImageOptions {
  readonly image: string;
  readonly pullSecrets: readonly string[];
  readonly timeoutMs: number;
}

const tooOld = 3;
const oldestNode = 20;
const program = `process.exit(Number(process.versions.node.split('.')[0]) >= ${String(oldestNode)} ? 0 : ${String(tooOld)})`;

/** The pod carries `scene.runId`, so that a sweep finds it should this process be killed. */
export function probeImageCheck(options: ProbeImageOptions): Check {
  return {
    id: 'probe-image',
    name: 'the probe image can be pulled and has Node',
    weight: 'run',
    look: async (scene) => {
      const made: Owned[] = [];
      try {
        return await tryImage(scene, options, made);
      } catch (error) {
        if (error instanceof ApiError && error.statusCode === 403) {
          return { state: 'unknown', seen: `no pod may be made to try it: ${error.message}` };
        }
        throw error;
      } finally {
        const client = scene.client.with({ signal: AbortSignal.timeout(30_000) });
        for (const owned of made.reverse()) await client.delete(owned);
      }
    },
  };
}

async function tryImage(scene: Scene, options: ProbeImageOptions, made: Owned[]): Promise<Look> {
  const { client, namespace, runId } = scene;
  if ((await client.find(namespaces, { name: namespace })) === undefined) {
    made.push(await client.createOwned(namespaces, runId, { metadata: { name: namespace } }));
    await waitUntilPodsAreAdmitted(client, namespace);
  }
  const pod = await client.createOwned(pods, runId, manifest(`probe-image-${runId}`, namespace, options));
  made.push(pod);
  try {
    return await outcome(client, pod, options);
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error;
    const seconds = String(Math.round(options.timeoutMs / 1000));
    return { state: 'unknown', seen: `the pod had not ended after ${seconds} s: ${lastSeen(error)}` };
  }
}

function lastSeen(error: WaitTimeout): string {
  return /last seen: (.*)/.exec(error.message)?.[1] ?? error.message;
}

function manifest(name: string, namespace: string, { image, pullSecrets }: ProbeImageOptions) {
  return {
    metadata: { name, namespace },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })),
      containers: [{ name: 'probe', image, imagePullPolicy: 'IfNotPresent', command: ['node', '-e', program] }],
    },
  };
}

async function outcome(client: KubeClient, pod: Owned<Pod>, { image, timeoutMs }: ProbeImageOptions): Promise<Look> {
  const remedy = ['name another with --probe-image IMAGE, or let it be pulled with --pull-secret NAME'];
  return waitFor<{ pods: { kind: typeof pods; namespace: string | undefined; name: string } }, Look>(client, {
    what: `${pod.toString()} to end`,
    expected: 'phase Succeeded',
    sources: { pods: { kind: pods, namespace: pod.ref.namespace, name: pod.ref.name } },
    until: ({ pods: [found] }) => {
      const status = found?.status;
      const state = status?.containerStatuses?.[0]?.state;
      if (status?.phase === 'Succeeded') {
        return met({ state: 'ok', seen: `${image} was pulled and ran on ${found?.spec.nodeName ?? 'a node'}` });
      }
      if (status?.phase === 'Failed') {
        const exitCode = state?.terminated?.exitCode;
        const why =
          exitCode === tooOld
            ? `its Node is older than ${String(oldestNode)}`
            : `node ended with exit code ${String(exitCode)} ${state?.terminated?.message ?? ''}`.trim();
        return met({ state: 'missing', seen: `${image}: ${why}`, remedy });
      }
      const notPulled = pullFailure(found);
      if (notPulled !== undefined) return met({ state: 'missing', seen: `${image}: ${notPulled}`, remedy });
      const { reason = '' } = state?.waiting ?? {};
      const unscheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
      return pending([status?.phase ?? 'absent', reason, unscheduled?.message ?? ''].filter(Boolean).join(' '));
    },
    timeoutMs,
  });
}
