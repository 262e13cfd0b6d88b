/** A node of the embedded cluster that loses power and comes back. A real one has no API for that. */
import { rebootAnnotation } from '../../embedded/controlplane/kubernetes/reboots.ts';
import type { KubeClient } from '../../helpers/kubernetes/client.ts';
import { nodes } from '../../helpers/kubernetes/core-kinds.ts';
import { met, pending, waitFor } from '../../helpers/kubernetes/wait.ts';
import { instanceManagers } from '../../helpers/longhorn/kinds.ts';

/** Resolves when the node is back with its V2 instance manager. `seconds` are the cluster's. */
export async function rebootNode(client: KubeClient, name: string, seconds: number): Promise<void> {
  const annotations = { [rebootAnnotation]: String(seconds) };
  await client.patch(nodes, { name }, { merge: { metadata: { annotations } } });
  await waitFor(client, {
    what: `node ${name} back after a reboot`,
    expected: 'the request taken off, the V2 instance manager running',
    sources: { nodes: { kind: nodes, name }, managers: { kind: instanceManagers, namespace: 'longhorn-system' } },
    until: ({ nodes: [node], managers }) => {
      const back = node?.metadata.annotations?.[rebootAnnotation] === undefined;
      const manager = managers.find(({ spec }) => spec.nodeID === name && spec.dataEngine === 'v2');
      const state = manager?.status?.currentState ?? 'absent';
      return back && state === 'running' ? met(undefined) : pending(`${back ? 'back' : 'away'}, manager ${state}`);
    },
    timeoutMs: 60_000,
  });
}
