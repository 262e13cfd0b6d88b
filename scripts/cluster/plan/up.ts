import type { ClusterRecord } from '../record.ts';
import { ActionFailed, perform } from './perform.ts';
import type { Plan, Seen, Step } from './step.ts';
import type { World } from './world.ts';

export type UpOutcome = 'usable' | 'failed' | 'left-to-person';

interface Run {
  readonly plan: Plan;
  readonly world: World;
  readonly record: ClusterRecord;
  readonly tell: (line: string) => void;
}

/**
 * Does the steps that are not done yet, in order. The checks of the host, which come first, are all looked at before
 * anything is made, so that a person sees at once all that is left to them. What is made is recorded before it is begun.
 */
export async function runUp(run: Run): Promise<UpOutcome> {
  const { steps } = run.plan;
  const leading = steps.findIndex(({ does }) => does.kind === 'actions');
  const open: { step: Step; seen: Seen }[] = [];
  for (const step of steps.slice(0, leading)) {
    const seen = await look(run, step);
    if (seen.state !== 'done') open.push({ step, seen });
  }
  if (open.length > 0) return leaveToPerson(run, open);
  for (const step of steps.slice(leading)) {
    const seen = await look(run, step);
    if (seen.state === 'done') continue;
    if (seen.state === 'blocked' || step.does.kind === 'person') return leaveToPerson(run, [{ step, seen }]);
    if (!(await doStep(run, step))) return 'failed';
  }
  return 'usable';
}

async function look({ plan, world, tell }: Run, step: Step): Promise<Seen> {
  const seen = await step.check.look(world);
  const place = `${String(plan.steps.indexOf(step) + 1).padStart(2)}/${String(plan.steps.length)}`;
  tell(`${place} ${seen.state.padEnd(7)} ${step.title}: ${seen.detail}`);
  return seen;
}

async function doStep(run: Run, step: Step): Promise<boolean> {
  const { world, record, tell } = run;
  if (step.does.kind !== 'actions') return true;
  await record.started(step.id);
  try {
    for (const action of step.does.actions)
      await perform(action, world, (line) => {
        tell(`      ${line}`);
      });
    await record.ended(step.id);
    const seen = await step.check.look(world);
    if (seen.state === 'done') return true;
    throw new ActionFailed(`everything was run, and still: ${seen.detail}\nlook: ${step.check.text}`);
  } catch (error) {
    if (!(error instanceof ActionFailed)) throw error;
    tell('');
    tell(`failed at "${step.title}"`);
    for (const line of error.message.split('\n')) tell(`  ${line}`);
    tell(
      `  Run the same cluster:up again: it goes on with this step. To give up: npm run cluster:down -- --name ${record.request.name}`,
    );
    return false;
  }
}

function leaveToPerson({ tell }: Run, open: readonly { step: Step; seen: Seen }[]): UpOutcome {
  tell('');
  tell('left to you, then run the same cluster:up again:');
  for (const { step, seen } of open) {
    tell(`  ${step.title}: ${seen.detail}`);
    if (seen.state === 'blocked') tell(`    ${seen.advice}`);
    else if (step.does.kind === 'person') {
      const who = step.does.as === 'root' ? 'as root: ' : '';
      for (const line of step.does.commands)
        tell(line.startsWith('#') ? `    ${line.replace(/^# /, '')}` : `    ${who}${line}`);
    }
  }
  return 'left-to-person';
}
