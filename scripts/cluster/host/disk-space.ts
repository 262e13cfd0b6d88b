import { done, needed, type Step } from '../plan/step.ts';

const gib = 2 ** 30;

/** The files are sparse, but a block disk that cannot be written to would look like a defect of Longhorn. */
export function diskSpaceStep(directory: string, bytes: number, filesStep: string): Step {
  const words = `${String(Math.ceil(bytes / gib))} GiB`;
  return {
    id: 'disk-space',
    title: `${words} free for block disks`,
    check: {
      text: `df ${directory}`,
      async look(world) {
        if (world.progressOf(filesStep) !== 'never') return done('the files exist already');
        const free = await world.files.freeBytes(directory);
        const detail = `${(free / gib).toFixed(1)} GiB free`;
        return free >= bytes ? done(detail) : needed(detail);
      },
    },
    does: {
      kind: 'person',
      as: 'you',
      commands: [`# free ${words} below ${directory}, or use --state-dir or a smaller --disk-size`],
    },
    undo: { kind: 'nothing', because: 'nothing is taken' },
  };
}
