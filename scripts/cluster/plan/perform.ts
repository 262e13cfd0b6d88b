import { setTimeout as pause } from 'node:timers/promises';
import type { Action } from './step.ts';
import { commandLine } from './script.ts';
import type { CommandResult, World } from './world.ts';

/** An action did not do what it is for. The message says what was run and what was seen. */
export class ActionFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ActionFailed';
  }
}

const shownLines = 20;

/** @throws ActionFailed */
export async function perform(action: Action, world: World, tell: (line: string) => void): Promise<void> {
  switch (action.kind) {
    case 'command':
      return performCommand(action, world, tell);
    case 'write':
      tell(`write ${action.path}`);
      return world.files.write(action.path, action.text);
    case 'wait': {
      tell(`wait for ${action.condition.what}: ${action.condition.expected}`);
      try {
        const onSeen = (seen: string): void => {
          tell(`  ${seen}`);
        };
        tell(await world.cluster.wait(action.condition, action.timeoutMs, onSeen));
        return;
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        const look = commandLine(action.condition.kubectl);
        throw new ActionFailed(`${message}\n  look at it with: ${look}`, { cause });
      }
    }
  }
}

async function performCommand(
  action: Extract<Action, { kind: 'command' }>,
  world: World,
  tell: (line: string) => void,
): Promise<void> {
  tell(`$ ${commandLine(action.argv)}`);
  const { whenRefused } = action;
  for (let attempt = 1; ; attempt += 1) {
    const result = await world.run(action.argv, { timeoutMs: action.timeoutMs });
    if (result.exitCode === 0) return;
    const again =
      whenRefused !== undefined && attempt < whenRefused.attempts && result.stderr.includes(whenRefused.words);
    if (!again) throw new ActionFailed(describeFailure(action.argv, result));
    tell(`refused, and asked to try again: ${result.stderr.trim()}`);
    await pause(whenRefused.pauseMs);
  }
}

function describeFailure(argv: readonly string[], result: CommandResult): string {
  const output = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-shownLines);
  return [
    `ran: ${commandLine(argv)}`,
    `expected exit code 0, got ${String(result.exitCode)}`,
    ...(output.join('') === ''
      ? ['it printed nothing']
      : ['the end of what it printed:', ...output.map((line) => `  ${line}`)]),
  ].join('\n');
}
