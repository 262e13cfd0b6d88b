import { blocked, done, type Step } from '../plan/step.ts';
import { type ClusterTarget, kubectl } from '../plan/kubectl.ts';

/** The context names a cluster that answers. */
export function reachableStep(target: ClusterTarget): Step {
  const argv = kubectl(target, ['get', '--raw', '/version']);
  return {
    id: 'reachable',
    title: `context ${target.context} answers`,
    check: {
      text: argv.join(' '),
      look: async (world) => {
        const { exitCode, stdout, stderr } = await world.run(argv, { timeoutMs: 30_000 });
        const version = /"gitVersion": *"([^"]+)"/.exec(stdout)?.[1];
        if (exitCode === 0 && version !== undefined) return done(version);
        return blocked(stderr.trim().split('\n').at(-1) ?? 'no answer', `try: ${argv.join(' ')}`);
      },
    },
    does: { kind: 'person', as: 'you', commands: [`# make sure that this works: ${argv.join(' ')}`] },
    undo: { kind: 'nothing', because: 'it is a look' },
  };
}
