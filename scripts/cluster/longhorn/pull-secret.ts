import { done, needed, type Step } from '../plan/step.ts';
import { commandLine } from '../plan/script.ts';
import type { ClusterRequest } from '../request.ts';
import { longhornKubectl, longhornNamespace } from './kubectl.ts';
import { kubectl } from '../plan/kubectl.ts';

/**
 * The secret that the chart only names. Without it no pod starts, and that would show after twenty minutes. Its content
 * is a person's to give: it is neither made nor read here (a table, as kubectl asks for one, has none of it).
 */
export function pullSecretStep(request: ClusterRequest, name: string): Step {
  const look = longhornKubectl(request, ['get', 'secret', name]);
  const server = request.registry?.split('/')[0] ?? 'https://index.docker.io/v1/';
  const credentials = [`--docker-server=${server}`, '--docker-username=USER', '--docker-password=PASSWORD'];
  return {
    id: 'pull-secret',
    title: `secret ${name} is in ${longhornNamespace}`,
    check: {
      text: commandLine(look),
      look: async (world) => {
        const { exitCode, stderr } = await world.run(look, { timeoutMs: 30_000 });
        return exitCode === 0 ? done('it is there') : needed(stderr.trim().split('\n').at(-1) ?? 'it is not there');
      },
    },
    does: {
      kind: 'person',
      as: 'you',
      commands: [
        commandLine(kubectl(request, ['create', 'namespace', longhornNamespace])),
        commandLine(longhornKubectl(request, ['create', 'secret', 'docker-registry', name, ...credentials])),
      ],
    },
    undo: { kind: 'nothing', because: 'it is yours, and goes with its namespace' },
  };
}
