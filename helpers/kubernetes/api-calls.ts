/**
 * Reading from a Kubernetes API and patching what is there: a few calls for any kind of object. Every call has a deadline
 * and the client's abort signal; calls that may be repeated are, within a budget, and each repetition is reported.
 */
import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Exec } from '../probe/exec.ts';
import { isNotFound } from './errors.ts';
import { execInPod, type PodExecTarget } from './exec.ts';
import { describeRef, resourcePath, type KubeObject, type ObjectRef, type ResourceKind } from './resource.ts';
import { withRetry } from './retry.ts';
import { discard, queryString, type QueryValue, type Transport } from './transport.ts';
import { watchEvents, type WatchEvent } from './watch.ts';

/** What a client tells about its work; the run's event log listens. */
export interface ClientHooks {
  /** Something went wrong that the client got over. */
  readonly onTrouble?: (what: string, message: string) => void;
  /** A watched object changed. Called in order of resourceVersion per informer; the same change may come twice. */
  readonly onTransition?: (transition: Transition) => void;
}

export interface Transition {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly summary: Readonly<Record<string, string>>;
}

export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListResult<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export type Patch =
  | { readonly merge: Readonly<Record<string, unknown>> }
  | { readonly json: readonly Readonly<Record<string, unknown>>[] };

export interface Permission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
}

export interface ServiceRef {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface ServiceRequest {
  readonly method: 'GET' | 'POST';
  /** Below the service's root, beginning with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

const requestTimeoutMs = 30_000;
/** The server ends a watch after this time; the informer then starts the next one. */
const watchTimeoutSeconds = 290;

const listSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().optional() }),
  items: z.array(z.unknown()).nullable(),
});

export class ApiCalls {
  protected readonly transport: Transport;
  readonly signal: AbortSignal;
  readonly hooks: ClientHooks;

  constructor(transport: Transport, signal: AbortSignal, hooks: ClientHooks) {
    this.transport = transport;
    this.signal = signal;
    // Each request in flight listens; many at once are no leak.
    setMaxListeners(0, signal);
    this.hooks = hooks;
  }

  /** `gitVersion` of the API server, e.g. `v1.33.1`. */
  async serverVersion(): Promise<string> {
    const text = await this.repeatable('GET /version', { method: 'GET', path: '/version' });
    return z.looseObject({ gitVersion: z.string() }).parse(JSON.parse(text)).gitVersion;
  }

  /** Resolves when the server answers, asked once. @throws ApiError for an answer that is none of 2xx, ConnectionError */
  async ping(options: { timeoutMs: number }): Promise<void> {
    await this.transport.send({ method: 'GET', path: '/version', signal: this.signal, ...options });
  }

  /** @throws ApiError 404 when there is none */
  async get<T extends KubeObject>(kind: ResourceKind<T>, ref: ObjectRef): Promise<T> {
    const path = resourcePath(kind, ref);
    return parseObject(kind, await this.repeatable(`get ${describeRef(kind, ref)}`, { method: 'GET', path }));
  }

  async find<T extends KubeObject>(kind: ResourceKind<T>, ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.get(kind, ref);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** A consistent list, as of its `resourceVersion`. Without a namespace: of all namespaces. */
  async list<T extends KubeObject>(kind: ResourceKind<T>, selection: Selection = {}): Promise<ListResult<T>> {
    const text = await this.repeatable(`list ${kind.plural}`, {
      method: 'GET',
      path: resourcePath(kind, { namespace: selection.namespace }),
      query: { labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector },
    });
    const list = listSchema.parse(JSON.parse(text));
    return {
      items: (list.items ?? []).map((item) => kind.parse(item)),
      resourceVersion: list.metadata.resourceVersion ?? '',
    };
  }

  /** Changes after `resourceVersion`, until the server ends the watch, the connection breaks or `signal` aborts. */
  async *watch<T extends KubeObject>(
    kind: ResourceKind<T>,
    options: Selection & { resourceVersion: string; signal: AbortSignal },
  ): AsyncGenerator<WatchEvent<T>> {
    const path = resourcePath(kind, { namespace: options.namespace });
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: watchTimeoutSeconds,
      resourceVersion: options.resourceVersion,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    };
    const body = await this.transport.stream({
      method: 'GET',
      path,
      query,
      signal: options.signal,
      timeoutMs: requestTimeoutMs,
    });
    try {
      yield* watchEvents(kind, body, `watch ${path}${queryString(query)}`);
    } finally {
      discard(body);
    }
  }

  async patch<T extends KubeObject>(kind: ResourceKind<T>, ref: ObjectRef, patch: Patch): Promise<T> {
    const path = resourcePath(kind, ref);
    const contentType = 'merge' in patch ? 'application/merge-patch+json' : 'application/json-patch+json';
    const body = JSON.stringify('merge' in patch ? patch.merge : patch.json);
    const what = `patch ${describeRef(kind, ref)}`;
    return parseObject(kind, await this.repeatable(what, { method: 'PATCH', path, body, contentType }));
  }

  /** Whether the server would allow it to us. */
  async mayI(permission: Permission): Promise<'allowed' | 'denied'> {
    const { group, resource, verb, subresource, namespace } = permission;
    const body = JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { group, resource, verb, subresource, namespace } },
    });
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const text = await this.repeatable('review access', { method: 'POST', path, body });
    const review = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) }).parse(JSON.parse(text));
    return review.status.allowed ? 'allowed' : 'denied';
  }

  /** A runner of commands in one container. See `helpers/probe/exec.ts` for what its promise says. */
  exec(target: PodExecTarget): Exec {
    return (command, options) => execInPod({ transport: this.transport, target, command, options });
  }

  /** A container's log as text, at most `limitBytes` from its end of `tailLines`. */
  async logs(
    ref: ObjectRef & { namespace: string },
    options: { container?: string; tailLines?: number; sinceSeconds?: number; limitBytes?: number } = {},
  ): Promise<string> {
    const path = `/api/v1/namespaces/${encodeURIComponent(ref.namespace)}/pods/${encodeURIComponent(ref.name)}/log`;
    return this.repeatable(`log of ${ref.name}`, { method: 'GET', path, query: { ...options } });
  }

  /** A path as the server answers it, e.g. `/healthz` or a discovery document. */
  async raw(path: string): Promise<string> {
    return this.repeatable(`GET ${path}`, { method: 'GET', path });
  }

  /**
   * What a Service's pods answer over HTTP, through the API server's proxy: text, of any 2xx. Repeated like every call, so
   * only for what may be done twice.
   * @throws ApiError with the pods' own words, or 503 while there are none
   */
  async throughService(service: ServiceRef, request: ServiceRequest): Promise<string> {
    const { name } = service;
    const { method, query = {} } = request;
    const path = proxyPath(service, request.path);
    const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
    return this.repeatable(`${method} ${request.path} of service ${name}`, { method, path, query, ...body });
  }

  /**
   * The same for what is large or no text: the body of one GET as it comes, asked for once. The caller reads or destroys it.
   * @throws ApiError, ConnectionError
   */
  async openService(service: ServiceRef, path: string): Promise<Readable> {
    const request = { method: 'GET', path: proxyPath(service, path) } as const;
    return this.transport.stream({ ...request, signal: this.signal, timeoutMs: requestTimeoutMs });
  }

  protected async repeatable(what: string, request: Sendable): Promise<string> {
    return this.retry(what, () => this.send(request));
  }

  protected async retry<R>(what: string, call: (attempt: number) => Promise<R>): Promise<R> {
    return withRetry({
      what,
      call,
      signal: this.signal,
      onRetry: (subject, error, attempt) => {
        this.hooks.onTrouble?.(subject, `attempt ${String(attempt)} failed, trying again: ${error.message}`);
      },
    });
  }

  protected async send(request: Sendable): Promise<string> {
    return this.transport.send({ ...request, signal: this.signal, timeoutMs: requestTimeoutMs });
  }
}

export interface Sendable {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: string;
  readonly contentType?: string;
}

function proxyPath({ namespace, name, port }: ServiceRef, path: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${name}:${String(port)}/proxy${path}`;
}

/** @throws SyntaxError or ZodError when the answer is no such object */
export function parseObject<T extends KubeObject>(kind: ResourceKind<T>, text: string): T {
  return kind.parse(JSON.parse(text));
}
