/** Whether the suite may do what it does: an access review for each verb of the one list. */
import type { KubeClient, Permission } from '../../kubernetes/client.ts';
import { namespaces } from '../../kubernetes/core-kinds.ts';
import { neededAccess, permissionsOf, type NeededAccess, type Occasion } from '../access/needed.ts';
import type { Check, Look, Scene } from './check.ts';

const atOnce = 10;

export const permissionsCheck: Check = {
  id: 'permissions',
  name: 'the suite may do what it does',
  weight: 'verdict',
  async look(scene) {
    const made = (await isThere(scene)) ? [] : (['own namespace'] as const);
    const { denied, asked } = await review(scene, ['every run', 'broken connection', ...made]);
    if (denied.length === 0) return { state: 'ok', seen: `${String(asked)} access reviews, all allowed` };
    return refusal(denied);
  },
};

export const snapshotsAccessCheck: Check = {
  id: 'snapshots-access',
  name: 'snapshots can be taken and reverted to',
  weight: 'advice',
  async look(scene) {
    const { denied, asked } = await review(scene, ['snapshots']);
    if (denied.length === 0) return { state: 'ok', seen: `${String(asked)} access reviews, all allowed` };
    return refusal(denied);
  },
};

export const evidenceCheck: Check = {
  id: 'evidence',
  name: 'evidence can be collected when a run fails',
  weight: 'advice',
  async look(scene) {
    const { denied, asked } = await review(scene, ['failure']);
    if (denied.length === 0) return { state: 'ok', seen: `${String(asked)} access reviews, all allowed` };
    return refusal(denied);
  },
};

/** Not being allowed to look is told by the review itself. */
async function isThere({ client, namespace }: Scene): Promise<boolean> {
  return (await client.find(namespaces, { name: namespace }).catch(() => undefined)) !== undefined;
}

function refusal(denied: readonly Denied[]): Look {
  const shown = denied.map(({ permission, needed }) => `${describe(permission)} (${needed.why})`);
  return {
    state: 'missing',
    seen: `not allowed: ${shown.join(', ')}`,
    remedy: ['npm run job-manifest prints Roles that allow exactly what is needed; ask for them, or for their rules'],
  };
}

interface Denied {
  readonly permission: Permission;
  readonly needed: NeededAccess;
}

async function review(
  scene: Scene,
  occasions: readonly Occasion[],
): Promise<{ asked: number; denied: readonly Denied[] }> {
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

function describe({ verb, resource, subresource, group, namespace }: Permission): string {
  const what = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
  return `${verb} ${what} ${namespace === undefined ? 'in the cluster' : `in ${namespace}`}`;
}
