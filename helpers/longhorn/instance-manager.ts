/** The pod that runs a node's V2 engines and replicas, and its sudden end. longhorn-facts §1.11, §4 */
import { Belonging, isInstanceOf } from '../kubernetes/belonging.ts';
import type { KubeClient } from '../kubernetes/client.ts';
import { pods } from '../kubernetes/core-kinds.ts';
import { met, pending, waitFor } from '../kubernetes/wait.ts';
import { instanceManagers, type InstanceManager } from './kinds.ts';
import type { Premise } from './premise.ts';
import type { Subject } from './subject.ts';

/** @throws Error when the node has none */
export async function v2ManagerOn(client: KubeClient, namespace: string, node: string): Promise<InstanceManager> {
  const { items } = await client.list(instanceManagers, { namespace });
  const found = items.find(({ spec }) => spec.nodeID === node && spec.dataEngine === 'v2');
  if (found === undefined) throw new Error(`node ${node} has no V2 instance manager`);
  return found;
}

/** Its end is the end of every instance that it runs: none may be somebody else's. */
export function servesOnly(manager: InstanceManager, subject: Subject): Premise {
  const name = 'the instance manager that is lost serves no other volume';
  const others = instancesOf(manager).filter((instance) => !isInstanceOf(subject.name, instance));
  return others.length === 0
    ? { name, state: 'met', detail: `${manager.metadata.name} on ${manager.spec.nodeID ?? ''}` }
    : { name, state: 'unmet', detail: `${manager.metadata.name} also runs ${others.slice(0, 3).join(', ')}` };
}

function instancesOf({ status }: InstanceManager): string[] {
  return [...Object.keys(status?.instanceEngines ?? {}), ...Object.keys(status?.instanceReplicas ?? {})];
}

/**
 * Deletes the manager's pod without grace, on the proof that it runs instances of the volume and of no other. Longhorn
 * makes another one.
 *
 * @throws NotOwned when it runs none, or somebody else's
 */
export async function loseManager(
  client: KubeClient,
  subject: Subject,
  manager: InstanceManager,
): Promise<{ readonly podUid: string }> {
  const { namespace, name } = manager.metadata;
  const pod = await client.get(pods, { namespace, name });
  const owned = await client.adopt(subject.volume, Belonging.byInstances(manager, instancesOf(manager)), pods, pod);
  await client.delete(owned, { gracePeriodSeconds: 0 });
  return { podUid: owned.uid };
}

/** Waits for the manager's next pod and its state `running`. */
export async function waitUntilManagerRuns(
  client: KubeClient,
  manager: InstanceManager,
  options: { timeoutMs: number; podUid: string },
): Promise<void> {
  const { namespace, name } = manager.metadata;
  await waitFor(client, {
    what: `instance manager ${name} running again`,
    expected: 'another pod, and currentState running',
    sources: {
      managers: { kind: instanceManagers, namespace, name },
      pods: { kind: pods, namespace, name },
    },
    until: ({ managers: [found], pods: [pod] }) => {
      const state = found?.status?.currentState ?? 'absent';
      const isNew = pod !== undefined && pod.metadata.uid !== options.podUid;
      return isNew && state === 'running' ? met(undefined) : pending(`${state}, ${isNew ? 'a new pod' : 'no new pod'}`);
    },
    timeoutMs: options.timeoutMs,
  });
}
