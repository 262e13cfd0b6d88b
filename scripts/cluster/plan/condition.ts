/** A state of the cluster that can be looked at once, or waited for: the same predicate for both. */
import type { KubeClient } from '../../../helpers/kubernetes/client.ts';
import { ApiError } from '../../../helpers/kubernetes/errors.ts';
import type { Source } from '../../../helpers/kubernetes/informer.ts';
import { pending, waitFor, type Progress, type View } from '../../../helpers/kubernetes/wait.ts';

export interface Condition {
  /** A noun: `V2 instance managers on worker-1`. */
  readonly what: string;
  readonly expected: string;
  /** How a person looks at it. */
  readonly kubectl: readonly string[];
  /** A shell command that succeeds once it holds, as nearly as kubectl tells; for those that are waited for. */
  readonly shell?: string;
  readonly look: (client: KubeClient) => Promise<Progress<string>>;
  readonly wait: (client: KubeClient, timeoutMs: number, onSeen: (seen: string) => void) => Promise<string>;
}

/** A condition over lists of objects. `until` answers with a short description of what it found. */
export function condition<const S extends Readonly<Record<string, unknown>>>(options: {
  readonly what: string;
  readonly expected: string;
  readonly kubectl: readonly string[];
  readonly shell?: string;
  readonly sources: S;
  readonly until: (view: View<S>) => Progress<string>;
}): Condition {
  const { what, expected, kubectl, shell, sources, until } = options;
  return {
    what,
    expected,
    kubectl,
    ...(shell === undefined ? {} : { shell }),
    async look(client) {
      const entries = await Promise.all(
        Object.entries(sources as unknown as Readonly<Record<string, Source<never>>>).map(
          async ([name, source]) => [name, await list(client, source)] as const,
        ),
      );
      const missing = entries.find(([, objects]) => objects === undefined);
      if (missing !== undefined) return pending(`the cluster has no ${missing[0]} yet`);
      return until(Object.fromEntries(entries) as unknown as View<S>);
    },
    // What helm made a moment ago the server may not serve yet.
    wait: (client, timeoutMs, onSeen) =>
      waitFor(client, { what, expected, sources, until, timeoutMs, onSeen, unknownKind: 'wait' }),
  };
}

/** Undefined where the kind itself does not exist: Longhorn is not installed then. */
async function list(client: KubeClient, source: Source<never>): Promise<readonly unknown[] | undefined> {
  const { namespace, labelSelector, name } = source;
  const fieldSelector = name === undefined ? source.fieldSelector : `metadata.name=${name}`;
  try {
    return (await client.list(source.kind, { namespace, labelSelector, fieldSelector })).items;
  } catch (error) {
    if (error instanceof ApiError && error.statusCode === 404) return undefined;
    throw error;
  }
}
