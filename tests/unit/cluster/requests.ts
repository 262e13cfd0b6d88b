import { parseUp } from '../../../scripts/cluster/request/up.ts';
import { layoutOf, type Layout } from '../../../scripts/cluster/layout.ts';
import { planOf } from '../../../scripts/cluster/plan/plan.ts';
import type { Action, Plan } from '../../../scripts/cluster/plan/step.ts';
import type { ClusterRequest } from '../../../scripts/cluster/request.ts';

export interface Planned {
  readonly request: ClusterRequest;
  readonly layout: Layout;
  readonly plan: Plan;
}

/** The plan of a command line, in a state directory that need not exist. */
export function planned(flags: string, stateDir = '/state'): Planned {
  const { request } = parseUp([...flags.split(' '), '--state-dir', stateDir]);
  const layout = layoutOf(stateDir, request.name);
  return { request, layout, plan: planOf(request, layout) };
}

export function actionsOf(plan: Plan): readonly Action[] {
  return plan.steps.flatMap(({ does }) => (does.kind === 'actions' ? does.actions : []));
}

export function undoActionsOf(plan: Plan): readonly Action[] {
  return plan.steps.flatMap(({ undo }) => (undo.kind === 'actions' ? undo.actions : []));
}

export function commandsOf(plan: Plan): readonly (readonly string[])[] {
  return actionsOf(plan).flatMap((action) => (action.kind === 'command' ? [action.argv] : []));
}

/** The text of the file of that name which a plan writes. */
export function writtenText(plan: Plan, name: string): string {
  const found = actionsOf(plan).find((action) => action.kind === 'write' && action.path.endsWith(`/${name}`));
  if (found?.kind !== 'write') throw new Error(`the plan writes no ${name}`);
  return found.text;
}
