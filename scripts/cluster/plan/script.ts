/** A plan as a person reads it: a shell script whose comments say what each step looks at. Nothing is looked at or run. */
import { shellWord } from '../../../helpers/kubernetes/reach.ts';
import type { Action, Plan, Step } from './step.ts';

export function upScript(plan: Plan): string {
  const steps = plan.steps.map((step, index) =>
    [
      `# ${String(index + 1)}. ${step.title}`,
      `#    done if: ${step.check.text}`,
      ...(step.does.kind === 'person'
        ? step.does.commands.map((line) => personLine(step, line))
        : step.does.actions.flatMap(actionLines)),
    ].join('\n'),
  );
  return [
    `# ${plan.title}: what would be run, in this order; nothing is run now.`,
    ...steps,
    ...nextLines(plan),
    '',
  ].join('\n\n');
}

function personLine({ does }: Step, line: string): string {
  if (line.startsWith('# ')) return `#    ${line.slice(2)}`;
  return `#    if not, as ${does.kind === 'person' && does.as === 'root' ? 'root' : 'yourself'}: ${line}`;
}

function nextLines(plan: Plan): string[] {
  return [['# then', ...plan.afterwards.map((line) => `#    ${line}`)].join('\n')];
}

/** The commands that undo a plan, last step first. */
export function downScript(title: string, steps: readonly Step[]): string {
  const parts = steps.flatMap((step) =>
    step.undo.kind === 'actions'
      ? [
          [`# ${step.title}`, `#    if there: ${step.undo.there.text}`, ...step.undo.actions.flatMap(actionLines)].join(
            '\n',
          ),
        ]
      : [],
  );
  return [`# ${title}: what would be run, in this order; nothing is run now.`, ...parts, ''].join('\n\n');
}

/** One action as lines of shell. */
export function actionLines(action: Action): string[] {
  switch (action.kind) {
    case 'command':
      return [commandLine(action.argv)];
    case 'write':
      return [
        `mkdir -p "$(dirname ${shellWord(action.path)})"`,
        `cat > ${shellWord(action.path)} <<'END'`,
        ...action.text.trimEnd().split('\n'),
        'END',
      ];
    case 'wait':
      return [
        `# wait, at most ${String(Math.round(action.timeoutMs / 60_000))} min: ${action.condition.what}: ${action.condition.expected}`,
        `#    look: ${commandLine(action.condition.kubectl)}`,
      ];
  }
}

export function commandLine(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ');
}
