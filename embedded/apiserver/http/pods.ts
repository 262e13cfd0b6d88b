/** What is particular to pods: which container is meant, eviction, binding. */
import { badRequest, notFound } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import type { KubeObject, Payload } from '../store.ts';
import { readObject } from './body.ts';
import { sendJson } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { deleteOptions } from './write-parameters.ts';

export interface PodTarget {
  readonly store: ObjectStore;
  readonly namespace: string;
  readonly name: string;
}

export function podOf({ store, namespace, name }: PodTarget): KubeObject {
  const pod = store.get({ resource: 'pods', namespace, name });
  if (pod === undefined) throw notFound({ group: '', plural: 'pods' }, name);
  return pod;
}

/**
 * The container that exec or log is about.
 * @throws StatusError 400 when it is ambiguous, not part of the pod, or the pod has no node yet.
 */
export function containerOf(pod: KubeObject, asked: string | null): string | undefined {
  const name = pod.metadata.name;
  const main: Payload[] = pod.spec?.containers ?? [];
  const all: Payload[] = [...main, ...(pod.spec?.initContainers ?? []), ...(pod.spec?.ephemeralContainers ?? [])];
  let container = asked ?? '';
  if (container === '') {
    if (all.length > 1) {
      const init: Payload[] = pod.spec?.initContainers ?? [];
      const list = main.map((one) => one.name as string).join(' ');
      const choices = init.length === 0 ? `[${list}]` : `[${list}] or one of the init containers: [${init.map((one) => one.name as string).join(' ')}]`;
      throw badRequest(`a container name must be specified for pod ${name}, choose one of: ${choices}`);
    }
    container = all[0]?.name ?? '';
  } else if (!all.some((one) => one.name === container)) throw badRequest(`container ${container} is not valid for pod ${name}`);
  return container === '' ? undefined : container;
}

export function demandHost(pod: KubeObject): void {
  if ((pod.spec?.nodeName ?? '') === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
}

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** Evicts at once: there are no disruption budgets that could object. */
export async function evictPod(exchange: Exchange, target: PodTarget): Promise<void> {
  podOf(target);
  const { body } = await readObject(exchange.request, { kind: 'Eviction' });
  const type = target.store.registry.stored('pods');
  if (type !== undefined) target.store.deleteAs(type, target, deleteOptions(exchange.query, body.deleteOptions));
  sendJson(exchange, 201, success);
}

/** Assigns a pod to a node, once. */
export async function bindPod(exchange: Exchange, target: PodTarget): Promise<void> {
  podOf(target);
  const { body } = await readObject(exchange.request, { kind: 'Binding' });
  const ref = { resource: 'pods', namespace: target.namespace, name: target.name };
  target.store.mutate(ref, (draft) => (draft.spec.nodeName = body.target?.name));
  sendJson(exchange, 201, success);
}
