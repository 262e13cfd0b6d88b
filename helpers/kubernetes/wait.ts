/**
 * Waiting for a state of live objects. A wait sees every change of its sources, fails at once in a state from which
 * there is no way back, and on time-out says what it expected, what it last saw and what it saw on the way.
 */
import { abortReason, ForbiddenState, WaitTimeout } from './errors.ts';
import { Informer, type Source } from './informer.ts';
import type { KubeClient } from './client.ts';

export type Progress<R> =
  | { readonly state: 'met'; readonly value: R }
  /** What is seen instead, in a few words; a change of it is a transition. */
  | { readonly state: 'pending'; readonly seen: string };

export function met<R>(value: R): Progress<R> {
  return { state: 'met', value };
}

export function pending(seen: string): Progress<never> {
  return { state: 'pending', seen };
}

// A source of any object type: the view gives each one its own type back.
type Sources = Readonly<Record<string, Source<never>>>;
type ObjectOf<S> = S extends { kind: { parse: (object: unknown) => infer T } } ? T : never;
export type View<S> = { readonly [K in keyof S]: readonly ObjectOf<S[K]>[] };

export interface WaitOptions<S, R> {
  /** What is waited for, as a noun: `volume pvc-1 healthy`. */
  readonly what: string;
  /** What would end the wait, in full, for the person who reads the time-out. */
  readonly expected: string;
  readonly sources: S;
  readonly until: (view: View<S>) => Progress<R>;
  /** A sentence when the view shows a state from which `until` can never be met. */
  readonly forbidden?: (view: View<S>) => string | undefined;
  readonly timeoutMs: number;
  /** Ends the wait besides the client's own signal. */
  readonly signal?: AbortSignal;
  /** `reread`: once met, everything is listed anew and must still meet it; one view is of one moment then. */
  readonly confirm?: 'reread';
  readonly relistMs?: number;
  /** `wait`: a source whose kind the server does not know may come to be known; without it the wait fails at once. */
  readonly unknownKind?: 'wait';
  /** Hears what is seen instead, once for each change of it, for a person who waits along. */
  readonly onSeen?: (seen: string) => void;
}

/**
 * @throws WaitTimeout, ForbiddenState, the signal's reason, or the server's refusal to show a source at all
 */
export async function waitFor<const S extends Readonly<Record<string, unknown>>, R>(
  client: KubeClient,
  options: WaitOptions<S, R>,
): Promise<R> {
  const stop = new AbortController();
  const outer = options.signal === undefined ? [client.signal] : [client.signal, options.signal];
  const signal = AbortSignal.any([...outer, stop.signal]);
  try {
    return await new Promise<R>((resolve, reject) => {
      const wait = new Wait(client, options, signal, resolve, reject);
      for (const outerSignal of outer) {
        if (outerSignal.aborted) reject(abortReason(outerSignal));
        outerSignal.addEventListener(
          'abort',
          () => {
            reject(abortReason(outerSignal));
          },
          { signal: stop.signal },
        );
      }
      const timer = setTimeout(() => {
        reject(wait.timedOut());
      }, options.timeoutMs);
      stop.signal.addEventListener('abort', () => {
        clearTimeout(timer);
      });
    });
  } finally {
    stop.abort();
  }
}

const rereadAgainMs = 1_000;

class Wait<S extends Readonly<Record<string, unknown>>, R> {
  readonly #options: WaitOptions<S, R>;
  readonly #informers: Readonly<Record<string, Informer<never>>>;
  readonly #resolve: (value: R) => void;
  readonly #reject: (error: Error) => void;
  readonly #startedMs = Date.now();
  readonly #transitions: string[] = [];
  #lastSeen = 'nothing yet: no source has been listed';
  #confirming = false;

  constructor(
    client: KubeClient,
    options: WaitOptions<S, R>,
    signal: AbortSignal,
    resolve: (value: R) => void,
    reject: (error: Error) => void,
  ) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    const { relistMs, unknownKind } = options;
    const rest = {
      ...(relistMs === undefined ? {} : { relistMs }),
      ...(unknownKind === undefined ? {} : { unknownKind }),
    };
    const entries = Object.entries(options.sources as unknown as Sources).map(([name, source]) => {
      const onChange = (): void => {
        this.#evaluate();
      };
      const onFatal = (error: Error): void => {
        reject(new Error(`waiting for ${options.what}: ${name} cannot be seen: ${error.message}`, { cause: error }));
      };
      return [name, new Informer({ client, source, signal, onChange, onFatal, ...rest })] as const;
    });
    this.#informers = Object.fromEntries(entries);
  }

  timedOut(): WaitTimeout {
    const errors = Object.entries(this.#informers).flatMap(([name, informer]) =>
      informer.lastError === undefined ? [] : [`${name}: ${informer.lastError}`],
    );
    const shown = this.#transitions.slice(-20);
    return new WaitTimeout(
      [
        `waited ${String(Math.round((Date.now() - this.#startedMs) / 1000))} s for ${this.#options.what}`,
        `  expected: ${this.#options.expected}`,
        `  last seen: ${this.#lastSeen}`,
        ...(shown.length === 0 ? [] : ['  on the way:', ...shown.map((line) => `    ${line}`)]),
        ...(errors.length === 0 ? [] : [`  errors of the API on the way: ${errors.join('; ')}`]),
      ].join('\n'),
    );
  }

  #evaluate(): void {
    if (this.#confirming || !Object.values(this.#informers).every((informer) => informer.synced)) return;
    const progress = this.#look();
    if (progress?.state !== 'met') return;
    if (this.#options.confirm === undefined) this.#resolve(progress.value);
    else void this.#confirm();
  }

  /** The view's progress, with transitions noted; undefined after a forbidden state or a throwing predicate. */
  #look(): Progress<R> | undefined {
    const view = Object.fromEntries(
      Object.entries(this.#informers).map(([name, informer]) => [name, informer.objects]),
    ) as unknown as View<S>;
    try {
      const forbidden = this.#options.forbidden?.(view);
      if (forbidden !== undefined) {
        this.#reject(new ForbiddenState(`waiting for ${this.#options.what}: ${forbidden}`));
        return undefined;
      }
      const progress = this.#options.until(view);
      if (progress.state === 'pending' && progress.seen !== this.#lastSeen) this.#options.onSeen?.(progress.seen);
      this.#note(progress.state === 'met' ? 'as expected' : progress.seen);
      return progress;
    } catch (error) {
      this.#reject(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }

  #note(seen: string): void {
    if (seen === this.#lastSeen) return;
    this.#lastSeen = seen;
    this.#transitions.push(`+${((Date.now() - this.#startedMs) / 1000).toFixed(1)} s ${seen}`);
  }

  async #confirm(): Promise<void> {
    this.#confirming = true;
    try {
      await Promise.all(Object.values(this.#informers).map((informer) => informer.refresh()));
    } catch (error) {
      this.#note(
        `as expected, but it could not be read again: ${error instanceof Error ? error.message : String(error)}`,
      );
      // Nothing may change any more, so no change would lead here again.
      setTimeout(() => {
        this.#evaluate();
      }, rereadAgainMs).unref();
      return;
    } finally {
      this.#confirming = false;
    }
    const progress = this.#look();
    if (progress?.state === 'met') this.#resolve(progress.value);
  }
}
