import type { ClusterRecord } from '../record.ts';
import { ActionFailed, perform } from './perform.ts';
import type { Plan, Step } from './step.ts';
import type { World } from './world.ts';

/** The steps that were begun, last first: the order in which they are undone. */
export function toUndo(plan: Plan, record: ClusterRecord): Step[] {
  return plan.steps.filter(({ id }) => record.progressOf(id) !== 'never').reverse();
}

/**
 * Undoes every step that was begun, whether or not it ended, and goes on after a failure. Answers with what is still
 * there; the record stays as long as that is not empty.
 */
export async function runDown(options: {
  readonly steps: readonly Step[];
  readonly world: World;
  readonly record: ClusterRecord;
  readonly tell: (line: string) => void;
}): Promise<readonly string[]> {
  const { steps, world, record, tell } = options;
  const left: string[] = [];
  for (const step of steps) {
    const { undo } = step;
    if (undo.kind !== 'actions') continue;
    const there = await undo.there.look(world);
    if (there.state === 'needed') {
      tell(`gone     ${step.title}: ${there.detail}`);
      await record.forget(step.id);
      continue;
    }
    try {
      for (const action of undo.actions)
        await perform(action, world, (line) => {
          tell(`      ${line}`);
        });
      const after = await undo.there.look(world);
      if (after.state !== 'needed') throw new ActionFailed(`it is still there: ${after.detail}`);
      tell(`undone   ${step.title}`);
      await record.forget(step.id);
    } catch (error) {
      if (!(error instanceof ActionFailed)) throw error;
      left.push(step.title);
      tell(`left     ${step.title}`);
      for (const line of error.message.split('\n')) tell(`      ${line}`);
    }
  }
  if (left.length === 0) await record.remove();
  return left;
}
