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
    `#!/usr/bin/env bash\n# ${plan.title}: what would be run, in this order; nothing is run now.`,
    '# As a script it makes everything from nothing, and stops at the first failure.\nset -euo pipefail',
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
  const head = `#!/usr/bin/env bash\n# ${title}: what would be run, in this order; nothing is run now.`;
  // What is not there any more must not keep the rest.
  return [head, ...parts, ''].join('\n\n');
}

/** One action as lines of shell. */
function actionLines(action: Action): string[] {
  switch (action.kind) {
    case 'command':
      return commandLines(action);
    case 'write':
      return [
        `mkdir -p "$(dirname ${shellWord(action.path)})"`,
        `cat > ${shellWord(action.path)} <<'END'`,
        ...action.text.trimEnd().split('\n'),
        'END',
      ];
    case 'wait':
      return waitLines(action);
  }
}

/** What is refused with the wish to be tried again is, for as long as `cluster:up` would. */
function commandLines({ argv, whenRefused }: Extract<Action, { kind: 'command' }>): string[] {
  if (whenRefused === undefined) return [commandLine(argv)];
  const { attempts, pauseMs } = whenRefused;
  return until([commandLine(argv)], { timeoutMs: attempts * pauseMs, what: 'the change was refused each time' });
}

/** Tried again every few seconds, and given up as late as `cluster:up` would. */
function waitLines({ condition, timeoutMs }: Extract<Action, { kind: 'wait' }>): string[] {
  return [
    `# wait, at most ${String(Math.round(timeoutMs / 60_000))} min: ${condition.what}: ${condition.expected}`,
    `#    look: ${commandLine(condition.kubectl)}`,
    ...until([condition.shell ?? 'false'], { timeoutMs, what: `not in time: ${condition.what}` }),
  ];
}

function until(commands: readonly string[], { timeoutMs, what }: { timeoutMs: number; what: string }): string[] {
  return [
    `deadline=$((SECONDS + ${String(Math.round(timeoutMs / 1000))}))`,
    'until',
    ...commands,
    'do',
    `  if [ "$SECONDS" -ge "$deadline" ]; then echo ${shellWord(what)} >&2; exit 1; fi`,
    '  sleep 5',
    'done',
  ];
}

export function commandLine(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ');
}
