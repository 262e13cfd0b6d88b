/** What is particular to pods: which container is meant, eviction, binding. */
import { badRequest, conflict, notFound, notSupportedValue, required } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { StatusError } from '../store.ts';
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
 * The container that exec or log is about (kubernetes:pkg/registry/core/pod/strategy.go validateContainer@v1.36).
 * @throws StatusError 400 when it is ambiguous or not part of the pod.
 */
export function containerOf(pod: KubeObject, asked: string | null): string | undefined {
  const { name } = pod.metadata;
  const {
    containers = [],
    initContainers = [],
    ephemeralContainers = [],
  } = (pod.spec ?? {}) as Record<string, Payload[] | undefined>;
  const all = [...initContainers, ...containers, ...ephemeralContainers].map((one) => one.name as string);
  if ((asked ?? '') === '') {
    if (containers.length > 1)
      throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${all.join(' ')}]`);
    return containers[0]?.name as string | undefined;
  }
  if (!all.includes(asked ?? '')) throw badRequest(`container ${asked} is not valid for pod ${name}`);
  return asked ?? undefined;
}

/** What exec and its like are about. @throws StatusError 400 also for a pod that is on no node. */
export function hostedContainer(target: PodTarget, asked: string | null): string | undefined {
  const pod = podOf(target);
  const container = containerOf(pod, asked);
  if (!isOnNode(pod)) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  return container;
}

export function isOnNode(pod: KubeObject): boolean {
  return (pod.spec?.nodeName ?? '') !== '';
}

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** Evicts at once: there are no disruption budgets that could object. */
export async function evictPod(exchange: Exchange, target: PodTarget): Promise<void> {
  const { body } = await readObject(exchange.request, { kind: 'Eviction' });
  if (body.metadata?.name !== target.name) throw badRequest('name in URL does not match name in Eviction object');
  podOf(target);
  const type = target.store.registry.stored('pods');
  const given: Payload = body.deleteOptions ?? {};
  const options = deleteOptions(
    exchange.query,
    exchange.query.has('dryRun') ? { ...given, dryRun: exchange.query.getAll('dryRun') } : given,
  );
  if (type !== undefined) target.store.deleteAs(type, target, options);
  sendJson(exchange, 201, success);
}

/** Assigns a pod to a node, once (kubernetes:pkg/registry/core/pod/storage/storage.go BindingREST@v1.36). */
export async function bindPod(
  exchange: Exchange,
  target: Pick<PodTarget, 'store' | 'namespace'> & { readonly name: string | undefined },
): Promise<void> {
  const { body } = await readObject(exchange.request, { kind: 'Binding' });
  const name = (body.metadata?.name as string | undefined) ?? '';
  if (target.name !== undefined && target.name !== name)
    throw badRequest('name in URL does not match name in Binding object');
  const { kind = '', name: node = '' } = (body.target ?? {}) as { kind?: string; name?: string };
  const errors = [
    ...(kind === '' || kind === 'Node' ? [] : [notSupportedValue('target.kind', kind, ['Node', '<empty>'])]),
    ...(node === '' ? [required('target.name', '')] : []),
  ].map(({ field, message }) => `${field}: ${message}`);
  // Passed on as it came, hence without a reason.
  if (errors.length > 0)
    throw new StatusError(500, '', errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`);
  const pod = podOf({ ...target, name });
  const refuse = (why: string): Error => conflict({ group: '', plural: 'pods/binding' }, name, why);
  if (pod.metadata.deletionTimestamp !== undefined)
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (isOnNode(pod)) throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if (!exchange.query.has('dryRun'))
    target.store.mutate(
      { resource: 'pods', namespace: target.namespace, name },
      (draft) => (draft.spec.nodeName = node),
    );
  sendJson(exchange, 201, success);
}
