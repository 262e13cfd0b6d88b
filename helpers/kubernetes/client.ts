/** A cluster as the suite uses it: what `ApiCalls` offers, and objects of a run, made, found, adopted and deleted. */
import { ApiCalls, parseObject, type ClientHooks } from './api-calls.ts';
import type { Belonging } from './belonging.ts';
import { ApiError, isNotFound } from './errors.ts';
import { loadEndpoint } from './kubeconfig.ts';
import { createdAtAnnotation, NotOwned, Owned, runIdLabel } from './ownership.ts';
import { apiVersionOf, describeRef, resourcePath, type KubeObject, type ResourceKind } from './resource.ts';
import { createTransport } from './transport.ts';

export type { ClientHooks, ListResult, Patch, Permission, Selection, Transition } from './api-calls.ts';

/** What is sent to create an object; the run's label and the time are added. */
export interface NewObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/**
 * Reads a kubeconfig and answers with a client for one of its contexts.
 * @throws KubeconfigError when file or context cannot be used; the server is not asked yet
 */
export function connect(options: {
  kubeconfigPath: string;
  context: string;
  signal: AbortSignal;
  hooks?: ClientHooks;
}): KubeClient {
  return new KubeClient(createTransport(loadEndpoint(options)), options.signal, options.hooks ?? {});
}

export class KubeClient extends ApiCalls {
  /** The same cluster under another signal or with other hooks, e.g. for undoing after an abort. */
  with(options: { signal?: AbortSignal; hooks?: ClientHooks }): KubeClient {
    return new KubeClient(this.transport, options.signal ?? this.signal, options.hooks ?? this.hooks);
  }

  /**
   * Creates an object that carries the run's label. A broken connection is retried: an object of that name which has
   * this very creation's time and label is the one that an earlier attempt made.
   * @throws ApiError, e.g. 409 when the name is taken, 422 with a webhook's words
   */
  async createOwned<T extends KubeObject>(kind: ResourceKind<T>, runId: string, object: NewObject): Promise<Owned<T>> {
    const createdAt = new Date().toISOString();
    const { labels, annotations } = object.metadata as { labels?: object; annotations?: object };
    const metadata = {
      ...object.metadata,
      labels: { ...labels, [runIdLabel]: runId },
      annotations: { ...annotations, [createdAtAnnotation]: createdAt },
    };
    const body = JSON.stringify({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...object, metadata });
    const path = resourcePath(kind, { namespace: object.metadata.namespace });
    return this.retry(`create ${describeRef(kind, object.metadata)}`, async (attempt) => {
      try {
        return Owned.of(kind, parseObject(kind, await this.send({ method: 'POST', path, body })));
      } catch (error) {
        if (attempt === 1 || !(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
        const existing = await this.get(kind, object.metadata);
        if (existing.metadata.annotations?.[createdAtAnnotation] !== createdAt) throw error;
        return Owned.of(kind, existing);
      }
    });
  }

  /** Every object of that kind that carries a run's label: of one run, or of any. */
  async listOwned<T extends KubeObject>(
    kind: ResourceKind<T>,
    options: { runId?: string | undefined; namespace?: string | undefined } = {},
  ): Promise<readonly Owned<T>[]> {
    const labelSelector = options.runId === undefined ? runIdLabel : `${runIdLabel}=${options.runId}`;
    const { items } = await this.list(kind, { namespace: options.namespace, labelSelector });
    return items.map((item) => Owned.of(kind, item));
  }

  /**
   * Labels an object that a controller made for one of ours, so that it may be deleted.
   * @throws NotOwned when it does not belong to the owner
   */
  async adopt<O extends KubeObject, C extends KubeObject, T extends C>(
    owner: Owned<O>,
    belonging: Belonging<O, C>,
    kind: ResourceKind<T>,
    child: T,
  ): Promise<Owned<T>> {
    if (!belonging.holds(owner.object, child)) {
      throw new NotOwned(`not of ${owner.toString()}: no ${describeRef(kind, child.metadata)} that ${belonging.claim}`);
    }
    // A uid does not change: the patch of a namesake is refused (apiserver:pkg/registry/rest/update.go).
    const metadata = { uid: child.metadata.uid, labels: { [runIdLabel]: owner.runId } };
    return Owned.of(kind, await this.patch(kind, child.metadata, { merge: { metadata } }));
  }

  /**
   * Asks for deletion of exactly this object; a namesake made meanwhile stays. `absent` when it is gone already.
   * @throws ApiError 409 when it is to be `unchanged` since it was read, and is not
   */
  async delete(
    owned: Owned,
    options: { gracePeriodSeconds?: number; unchanged?: true } = {},
  ): Promise<'accepted' | 'absent'> {
    const { unchanged, ...deleteOptions } = options;
    const { resourceVersion } = owned.object.metadata;
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: owned.uid, ...(unchanged === undefined ? {} : { resourceVersion }) },
      propagationPolicy: 'Background',
      ...deleteOptions,
    });
    const path = resourcePath(owned.kind, owned.ref);
    try {
      await this.repeatable(`delete ${owned.toString()}`, { method: 'DELETE', path, body });
      return 'accepted';
    } catch (error) {
      if (isNotFound(error)) return 'absent';
      if (error instanceof ApiError && error.statusCode === 409) {
        const current = await this.find(owned.kind, owned.ref);
        if (current?.metadata.uid !== owned.uid) return 'absent';
      }
      throw error;
    }
  }
}
