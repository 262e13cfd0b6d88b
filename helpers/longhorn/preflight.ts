/** What must hold before a run can mean anything. Everything is looked at, so that one run tells all that is missing. */
import { forClones, verdictChecks } from './checks/all.ts';
import { examine, premiseOf, type Scene } from './checks/check.ts';
import { v2Nodes } from './checks/release.ts';
import type { Premise } from './premise.ts';

export interface Preflight {
  readonly premises: readonly Premise[];
  /** Nodes with a running V2 instance manager: a V2 volume can be attached there. Sorted. */
  readonly attachableNodes: readonly string[];
}

export async function preflight(scene: Scene): Promise<Preflight> {
  const results = await examine(
    scene,
    scene.sharedParent === 'linked-clone' ? forClones(verdictChecks) : verdictChecks,
  );
  const premises = results.map(premiseOf);
  // A cluster without Longhorn has no such kind; its premise says so.
  const attachableNodes = await v2Nodes(scene.client, scene.longhornNamespace).catch(() => []);
  return { premises, attachableNodes };
}
