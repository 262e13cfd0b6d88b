/**
 * What a volume's object says that it takes on its disks, held against the clusters that its replicas own: those of the
 * head and of every snapshot (longhorn-manager:controller/volume_controller.go reconcileVolumeSize@v1.12.1,
 * longhorn-spdk-engine:pkg/spdk/replica.go validateAndUpdate@v1.12.1).
 */
import type { KubeClient } from '../kubernetes/client.ts';
import { WaitTimeout } from '../kubernetes/errors.ts';
import { met, pending, waitFor } from '../kubernetes/wait.ts';
import { clusterBytes } from '../oracle/geometry.ts';
import type { ReplicaPlacement } from '../verdict/events.ts';
import { volumes, type Volume } from './kinds.ts';
import type { FoundProblem } from './lvol-audit.ts';
import type { Lvol } from './lvol-parse.ts';
import type { Subject } from './subject.ts';

/** Engines look at their replicas every few seconds. */
const timeoutMs = 30_000;

interface Owners {
  readonly replicas: readonly ReplicaPlacement[];
  readonly lvols: readonly Lvol[];
}

/** Undefined when one of the replicas owns what the object tells: after a crash their heads may differ. */
export function actualSizeProblem(
  { metadata: { name }, status }: Volume,
  { replicas, lvols }: Owners,
): FoundProblem | undefined {
  const told = status?.actualSize ?? 0;
  const owned = replicas.map((placement) => ownedBytes(placement, lvols));
  if (owned.includes(told)) return undefined;
  const sizes = replicas.map(({ replica }, index) => `${replica} owns ${String(owned[index])}`).join(', ');
  const detail = `status.actualSize of ${name} is ${String(told)}, ${sizes}`;
  return { problem: 'actual-size-differs', replica: '', diskUuid: '', detail };
}

function ownedBytes({ replica, diskUuid }: ReplicaPlacement, lvols: readonly Lvol[]): number {
  return lvols
    .filter(({ lvstoreUuid }) => lvstoreUuid === diskUuid)
    .filter(({ name }) => name === replica || name.startsWith(`${replica}-snap-`))
    .reduce((sum, { allocatedClusters }) => sum + allocatedClusters * clusterBytes, 0);
}

/** Waits until the object tells what one of the replicas owns; when it never does, that is the problem. */
export async function actualSizeProblems(
  client: KubeClient,
  { namespace, name }: Subject,
  owners: Owners,
): Promise<FoundProblem[]> {
  let last: FoundProblem | undefined;
  try {
    await waitFor(client, {
      what: `actualSize of ${name}`,
      expected: 'what one of its replicas owns',
      sources: { volumes: { kind: volumes, namespace, name } },
      until: ({ volumes: [volume] }) => {
        last = volume && actualSizeProblem(volume, owners);
        return last === undefined ? met(undefined) : pending(last.detail);
      },
      timeoutMs,
    });
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error;
  }
  return last === undefined ? [] : [last];
}
