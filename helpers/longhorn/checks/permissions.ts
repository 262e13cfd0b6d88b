/** Whether the suite may do what it does: an access review for each verb of the one list. */
import type { KubeClient, Permission } from '../../kubernetes/client.ts';
import { namespaces } from '../../kubernetes/core-kinds.ts';
import { ownNamespaceOf } from '../../kubernetes/ownership.ts';
import { neededAccess, permissionsOf, type NeededAccess, type Occasion } from '../access/needed.ts';
import type { Check, Look, Scene } from './check.ts';

const atOnce = 10;

export const permissionsCheck: Check = {
  id: 'permissions',
  name: 'the suite may do what it does',
  weight: 'verdict',
  async look(scene) {
    const made = (await isThere(scene)) ? [] : (['own namespace'] as const);
    return reviewed(scene, ['every run', 'broken connection', ...made]);
  },
};

/** What no verdict of the main scenario needs. `asked`: what verify has to be asked for to need it. */
function adviceCheck(id: string, name: string, occasion: Occasion, asked = ''): Check {
  return { id, name, weight: 'advice', look: (scene) => reviewed(scene, [occasion], asked) };
}

export const scenariosAccessCheck = adviceCheck(
  'scenarios-access',
  'volumes can be expanded and instance managers lost',
  'other scenario',
);
export const snapshotsAccessCheck = adviceCheck(
  'snapshots-access',
  'snapshots can be taken and reverted to',
  'snapshots',
);
export const cordonAccessCheck = adviceCheck(
  'cordon-access',
  'nodes can be cordoned (--interruption node)',
  'cordon',
  '--scenario interrupted-rebuild --interruption node',
);
export const evidenceCheck = adviceCheck('evidence', 'evidence can be collected when a run fails', 'failure');

/** Not being allowed to look is told by the review itself. */
async function isThere({ client, namespace }: Scene): Promise<boolean> {
  return (await client.find(namespaces, { name: namespace }).catch(() => undefined)) !== undefined;
}

const shownAtMost = 8;

function refusal(scene: Scene, { denied, asked, verifyFlags }: Review & { readonly verifyFlags: string }): Look {
  const byPlace = new Map<string, { readonly verbs: string[]; readonly why: string }>();
  for (const { permission, needed } of denied) {
    const where = placeOf(permission);
    const { verbs, why } = byPlace.get(where) ?? { verbs: [], why: needed.why };
    byPlace.set(where, { verbs: [...verbs, permission.verb], why });
  }
  const shown = [...byPlace]
    .slice(0, shownAtMost)
    .map(([where, { verbs, why }]) => `${verbs.join(' ')} ${where} (${why})`);
  const more = byPlace.size > shownAtMost ? `; ${String(byPlace.size - shownAtMost)} more resources` : '';
  return {
    state: 'missing',
    seen: `${String(denied.length)} of ${String(asked)} access reviews denied: ${shown.join('; ')}${more}`,
    remedy: howToAllow(scene, verifyFlags),
  };
}

function howToAllow({ namespace, longhornNamespace, runId, reach }: Scene, verifyFlags: string): readonly string[] {
  // A namespace of the run's own is another one each time: Roles need one that stays.
  const lasting = namespace === ownNamespaceOf(runId) ? 'v2-verifier' : namespace;
  const flags = [
    ...(reach.from === 'pod' ? [] : ['--access-for user:NAME']),
    `--namespace ${lasting}`,
    ...(longhornNamespace === 'longhorn-system' ? [] : [`--longhorn-namespace ${longhornNamespace}`]),
    ...(verifyFlags === '' ? [] : [`-- ${verifyFlags}`]),
  ];
  const manifest = `npm run --silent job-manifest -- ${flags.join(' ')} | kubectl apply -f -`;
  if (reach.from === 'pod') return [`make the Job anew, with what it is to do: ${manifest}`];
  return [
    `an administrator can allow exactly what is needed: ${manifest}`,
    ...(lasting === namespace ? [] : [`then give --namespace ${lasting} to doctor and verify`]),
  ];
}

interface Review {
  readonly asked: number;
  readonly denied: readonly Denied[];
}

interface Denied {
  readonly permission: Permission;
  readonly needed: NeededAccess;
}

async function reviewed(scene: Scene, occasions: readonly Occasion[], verifyFlags = ''): Promise<Look> {
  const { denied, asked } = await review(scene, occasions);
  if (denied.length === 0) return { state: 'ok', seen: `${String(asked)} access reviews, all allowed` };
  return refusal(scene, { denied, asked, verifyFlags });
}

async function review(scene: Scene, occasions: readonly Occasion[]): Promise<Review> {
  const questions = neededAccess
    .filter(({ occasion }) => occasions.includes(occasion))
    .flatMap((needed) => permissionsOf(needed, scene).map((permission) => ({ permission, needed })));
  const denied: Denied[] = [];
  const waiting = [...questions];
  await Promise.all(Array.from({ length: atOnce }, () => ask(scene.client, waiting, denied)));
  return { asked: questions.length, denied: questions.filter((question) => denied.includes(question)) };
}

async function ask(client: KubeClient, waiting: Denied[], denied: Denied[]): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if ((await client.mayI(next.permission)) === 'denied') denied.push(next);
  }
}

function placeOf({ resource, subresource, group, namespace }: Permission): string {
  const what = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
  return `${what} ${namespace === undefined ? 'in the cluster' : `in ${namespace}`}`;
}
