import { command, done, needed, type Step } from '../plan/step.ts';
import type { ClusterRequest } from '../request.ts';
import { longhornKubectl } from './kubectl.ts';

/** The releases that helm still holds for being made or changed (helm/helm:pkg/storage/driver/secrets.go@v3.17.2). */
const unfinished = 'owner=helm,name=longhorn,status in (pending-install,pending-upgrade,pending-rollback)';

/**
 * A helm that was killed leaves its release pending, and from then on refuses every other one: "another operation is in
 * progress". Without that entry it takes over what it made, which bears its annotations. Only an entry of this set-up's own
 * helm is removed.
 */
export function helmInterruptedStep(request: ClusterRequest, longhornStep: string): Step {
  const select = ['secrets', '--selector', unfinished];
  const look = longhornKubectl(request, ['get', ...select, '--output', 'name']);
  return {
    id: 'helm-interrupted',
    title: 'no half-made release of an earlier helm',
    check: {
      text: look.join(' '),
      look: async (world) => {
        if (world.progressOf(longhornStep) !== 'started') return done('none');
        const { stdout } = await world.run(look, { timeoutMs: 30_000 });
        return stdout.trim() === '' ? done('none') : needed(stdout.trim().replaceAll('\n', ', '));
      },
    },
    does: { kind: 'actions', actions: [command(longhornKubectl(request, ['delete', ...select]))] },
    undo: { kind: 'with', step: request.provider.kind === 'kind' ? 'kind-cluster' : longhornStep },
  };
}
