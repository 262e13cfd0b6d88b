/**
 * What is looked at before a run. `doctor` shows all of it, `verify` requires what a verdict rests on: one list, so that
 * both say the same sentence and the same remedy.
 */
import type { KubeClient } from '../../kubernetes/client.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import type { Reach } from '../../kubernetes/reach.ts';
import type { Environment } from '../environment.ts';
import type { Premise } from '../premise.ts';
import type { SharedParentKind } from '../version.ts';

/** Where to look, and for what kind of run. */
export interface Scene {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly longhornNamespace: string;
  readonly replicaCount: number;
  /** The run that asks: what carries its label is no leftover. */
  readonly runId: string;
  /** What the volume's replicas are to hang on; absent: a backing image. */
  readonly sharedParent?: SharedParentKind;
  readonly environment: () => Promise<Environment>;
  /** How a person reaches this cluster. */
  readonly reach: Reach;
}

/** What was seen and, where something is missing, what to type. */
export type Look =
  | { readonly state: 'ok'; readonly seen: string }
  | { readonly state: 'missing'; readonly seen: string; readonly remedy: readonly string[] }
  /** It could not be looked at; `seen` says why. `after`: id of the check that has to be ok first. */
  | { readonly state: 'unknown'; readonly seen: string; readonly remedy?: readonly string[]; readonly after?: string };

/**
 * - `verdict`: without it, or without knowing it, no verdict is possible.
 * - `run`: without it no verdict is possible; when it is unknown, the run itself finds out.
 * - `advice`: less can be shown, or something else that is missing has its cause here.
 */
export type Weight = 'verdict' | 'run' | 'advice';

export interface Check {
  readonly id: string;
  /** A claim, in the words of a premise. */
  readonly name: string;
  readonly weight: Weight;
  /** Without a Longhorn there is nothing to look at, and what one would type is beside the point. */
  readonly of?: 'longhorn';
  readonly look: (scene: Scene) => Promise<Look>;
}

export type CheckResult = Pick<Check, 'id' | 'name' | 'weight'> & Look;

/** Id of the check that says whether there is a Longhorn, and which. */
export const longhornCheckId = 'longhorn';

export async function examine(scene: Scene, checks: readonly Check[]): Promise<readonly CheckResult[]> {
  return Promise.all(
    checks.map(async ({ id, name, weight, of, look }) => {
      try {
        if (of === 'longhorn' && (await isAbsent(scene))) {
          const seen = `not looked at: no Longhorn in namespace ${scene.longhornNamespace}`;
          return { id, name, weight, state: 'unknown', seen, after: longhornCheckId } as const;
        }
        return { id, name, weight, ...(await look(scene)) };
      } catch (error) {
        if (scene.client.signal.aborted) throw error;
        return { id, name, weight, state: 'unknown', seen: whyUnknown(error) } as const;
      }
    }),
  );
}

/** Where even that cannot be told, each check says for itself why. */
async function isAbsent({ environment }: Scene): Promise<boolean> {
  const images = await environment().then(
    (found) => found.images,
    () => undefined,
  );
  return images !== undefined && Object.keys(images).length === 0;
}

function whyUnknown(error: unknown): string {
  if (error instanceof ApiError && error.statusCode === 403) return `not allowed to look: ${error.said}`;
  return error instanceof Error ? error.message : String(error);
}

/** Whether a run would come to a verdict, as far as can be told beforehand. */
export function hinders({ weight, state }: CheckResult): boolean {
  return state === 'missing' ? weight !== 'advice' : state === 'unknown' && weight === 'verdict';
}

export function premiseOf(result: CheckResult): Premise {
  const { name, seen } = result;
  if (!hinders(result)) return { name, state: 'met', detail: seen };
  const remedy = result.state === 'ok' ? [] : (result.remedy ?? []);
  return { name, state: 'unmet', detail: [seen, ...remedy].join('; ') };
}
