/**
 * A live copy of a few objects: a watch from a known resourceVersion, and beside it a full list every few seconds. The
 * watch alone may be dead without anybody noticing; the list alone misses what comes and goes between two of them.
 * Whatever is older than what is known is ignored, so the two cannot contradict one another.
 */
import { ApiError } from './errors.ts';
import type { KubeClient, ListResult } from './client.ts';
import type { KubeObject, ResourceKind } from './resource.ts';
import { isNewer } from './resource-version.ts';

export interface Source<T extends KubeObject> {
  readonly kind: ResourceKind<T>;
  readonly namespace?: string | undefined;
  /** One object; without it, all that the selectors match. */
  readonly name?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** The few fields whose changes the event log records. Without it, nothing is recorded. */
  readonly summarize?: (object: T) => Readonly<Record<string, string>>;
}

export interface InformerOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly source: Source<T>;
  readonly signal: AbortSignal;
  /** After every change and after the first list. */
  readonly onChange: () => void;
  /** The server refuses for good (401, 403, 404 of the kind): nothing will ever be seen. */
  readonly onFatal: (error: Error) => void;
  readonly relistMs?: number;
  /** `wait`: the kind may come, as after the making of a definition, which the server does not serve at once. */
  readonly unknownKind?: 'wait';
}

const defaultRelistMs = 12_000;
const maxBackoffMs = 5_000;
/** A server that ends watches faster than this is asked more slowly. */
const shortWatchMs = 1_000;

export class Informer<T extends KubeObject> {
  readonly #options: InformerOptions<T>;
  readonly #objects = new Map<string, T>();
  #resourceVersion = '';
  #state: 'unsynced' | 'synced' = 'unsynced';
  #watch = new AbortController();
  #wakeList: () => void = () => undefined;
  #wakeWatch: () => void = () => undefined;
  /** The last thing that went wrong, for a time-out's message. */
  lastError: string | undefined;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    void this.#run();
  }

  get synced(): boolean {
    return this.#state === 'synced';
  }

  /** As of now, sorted by name. */
  get objects(): readonly T[] {
    return [...this.#objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Lists at once and takes the result in. @throws what the list throws */
  async refresh(): Promise<void> {
    const { client, source } = this.#options;
    this.#takeList(await client.list(source.kind, selectionOf(source)));
  }

  async #run(): Promise<void> {
    await Promise.all([this.#listLoop(), this.#watchLoop()]);
  }

  async #listLoop(): Promise<void> {
    const { signal, relistMs = defaultRelistMs } = this.#options;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.refresh();
        failures = 0;
      } catch (error) {
        failures += 1;
        if (!this.#survives(error)) return;
      }
      const waitMs = failures > 0 ? backoffMs(failures) : relistMs;
      await this.#pause(waitMs, (wake) => {
        this.#wakeList = wake;
      });
    }
  }

  async #watchLoop(): Promise<void> {
    const { client, source, signal } = this.#options;
    for (let failures = 0; !signal.aborted;) {
      if (this.#resourceVersion === '') {
        await this.#pauseWatch(maxBackoffMs);
        continue;
      }
      this.#watch = new AbortController();
      const watchSignal = AbortSignal.any([signal, this.#watch.signal]);
      const startedMs = Date.now();
      try {
        const options = { ...selectionOf(source), resourceVersion: this.#resourceVersion, signal: watchSignal };
        for await (const event of client.watch(source.kind, options)) {
          failures = 0;
          if (event.type === 'BOOKMARK') this.#advance(event.resourceVersion);
          else this.#takeEvent(event);
        }
        failures = Date.now() - startedMs < shortWatchMs ? failures + 1 : 0;
      } catch (error) {
        if (watchSignal.aborted) continue;
        failures += 1;
        if (!this.#survives(error)) return;
        if (isExpired(error)) this.#startOver();
      }
      if (failures > 0) await this.#pauseWatch(backoffMs(failures));
    }
  }

  #takeList(list: ListResult<T>): void {
    if (this.synced && this.#resourceVersion !== '' && isNewer(this.#resourceVersion, list.resourceVersion)) return;
    const before = new Map(this.#objects);
    this.#objects.clear();
    let news = false;
    for (const object of list.items) {
      const key = keyOf(object);
      const known = before.get(key);
      before.delete(key);
      this.#objects.set(key, object);
      if (known?.metadata.resourceVersion !== object.metadata.resourceVersion) {
        news = true;
        this.#report(object);
      }
    }
    for (const gone of before.values()) this.#reportGone(gone, list.resourceVersion);
    this.#advance(list.resourceVersion);
    const first = !this.synced;
    this.#state = 'synced';
    this.#wakeWatch();
    this.#wakeWatch = () => undefined;
    // The list knows more than the watch told: start the watch anew from here, it may be half dead.
    if (!first && (news || before.size > 0)) this.#watch.abort();
    if (first || news || before.size > 0) this.#options.onChange();
  }

  #takeEvent(event: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T; resourceVersion: string }): void {
    if (!isNewer(event.resourceVersion, this.#resourceVersion)) return;
    this.#advance(event.resourceVersion);
    if (event.type === 'DELETED') {
      this.#objects.delete(keyOf(event.object));
      this.#reportGone(event.object, event.resourceVersion);
    } else {
      this.#objects.set(keyOf(event.object), event.object);
      this.#report(event.object);
    }
    this.#options.onChange();
  }

  /** The server has forgotten what we know: the next list counts whatever its version is. */
  #startOver(): void {
    this.#resourceVersion = '';
    this.#wakeList();
  }

  async #pauseWatch(ms: number): Promise<void> {
    await this.#pause(ms, (wake) => {
      this.#wakeWatch = wake;
    });
  }

  #advance(resourceVersion: string): void {
    if (resourceVersion !== '' && isNewer(resourceVersion, this.#resourceVersion)) {
      this.#resourceVersion = resourceVersion;
    }
  }

  #report(object: T): void {
    const { client, source } = this.#options;
    if (source.summarize === undefined) return;
    const terminating = object.metadata.deletionTimestamp === undefined ? {} : { terminating: 'true' };
    client.hooks.onTransition?.({
      ...identityOf(source.kind, object),
      resourceVersion: object.metadata.resourceVersion,
      summary: { ...source.summarize(object), ...terminating },
    });
  }

  #reportGone(object: T, resourceVersion: string): void {
    const { client, source } = this.#options;
    if (source.summarize === undefined) return;
    client.hooks.onTransition?.({
      ...identityOf(source.kind, object),
      resourceVersion,
      summary: { deleted: 'true' },
    });
  }

  /** Notes an error; false when it will not pass and the owner was told. */
  #survives(error: unknown): boolean {
    const { signal, client, source, onFatal, unknownKind } = this.#options;
    if (signal.aborted) return false;
    this.lastError = error instanceof Error ? error.message : String(error);
    if (unknownKind === 'wait' && error instanceof ApiError && error.statusCode === 404) return true;
    const fatal = error instanceof ApiError && [401, 403, 404, 405].includes(error.statusCode);
    const broken = !(error instanceof ApiError) && error instanceof Error && error.name === 'ZodError';
    if (fatal || broken) {
      onFatal(error);
      return false;
    }
    if (!isExpired(error)) client.hooks.onTrouble?.(`watch of ${source.kind.plural}`, this.lastError);
    return true;
  }

  /** Waits for the time, the signal, or the function that `arm` is given. Never rejects. */
  async #pause(ms: number, arm: (wake: () => void) => void): Promise<void> {
    const { signal } = this.#options;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal.addEventListener('abort', finish, { once: true });
      arm(finish);
      if (signal.aborted) finish();
    });
  }
}

function selectionOf<T extends KubeObject>(
  source: Source<T>,
): {
  namespace: string | undefined;
  labelSelector: string | undefined;
  fieldSelector: string | undefined;
} {
  const byName = source.name === undefined ? undefined : `metadata.name=${source.name}`;
  const fieldSelector = [byName, source.fieldSelector].filter((part) => part !== undefined).join(',');
  return {
    namespace: source.namespace,
    labelSelector: source.labelSelector,
    fieldSelector: fieldSelector === '' ? undefined : fieldSelector,
  };
}

function identityOf<T extends KubeObject>(
  kind: ResourceKind<T>,
  object: T,
): { kind: string; name: string; uid: string } {
  return { kind: kind.kind, name: object.metadata.name, uid: object.metadata.uid };
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.statusCode === 410;
}

function backoffMs(failures: number): number {
  return Math.min(50 * 2 ** failures, maxBackoffMs);
}
