/**
 * A node that nothing new may be started on, and back. The run's label on the node says whose cordon it is, so that a
 * sweep can take back that of a killed run, and nobody takes back somebody else's.
 */
import type { KubeClient } from './client.ts';
import { nodes } from './core-kinds.ts';
import { runIdLabel } from './ownership.ts';

/** @throws Error when the node is cordoned already: the way back would not be ours */
export async function cordon(client: KubeClient, name: string, runId: string): Promise<void> {
  const { items } = await client.list(nodes);
  const found = items.find(({ metadata }) => metadata.name === name);
  if (found === undefined || found.spec?.unschedulable === true) {
    throw new Error(`node ${name} is ${found === undefined ? 'not there' : 'cordoned already, by somebody else'}`);
  }
  const metadata = { uid: found.metadata.uid, labels: { [runIdLabel]: runId } };
  await client.patch(nodes, { name }, { merge: { metadata, spec: { unschedulable: true } } });
}

/** Nodes that runs have cordoned: of one run, or of any. */
export async function cordonedByRuns(
  client: KubeClient,
  runId?: string,
): Promise<readonly { readonly name: string; readonly runId: string }[]> {
  const labelSelector = runId === undefined ? runIdLabel : `${runIdLabel}=${runId}`;
  const { items } = await client.list(nodes, { labelSelector });
  return items.map(({ metadata }) => ({ name: metadata.name, runId: metadata.labels?.[runIdLabel] ?? '' }));
}

/** Does nothing to a node that the run has not cordoned, or not any more. */
export async function uncordon(client: KubeClient, name: string, runId: string): Promise<void> {
  const own = (await cordonedByRuns(client, runId)).some((node) => node.name === name);
  if (!own) return;
  const merge = { metadata: { labels: { [runIdLabel]: null } }, spec: { unschedulable: null } };
  await client.patch(nodes, { name }, { merge });
}
