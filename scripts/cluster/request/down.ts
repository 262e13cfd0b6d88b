import { type CommandHelp, parseFlags } from '../../command-line/flags.ts';
import { parseName, parseStateDir, recordFlags } from './record.ts';

export const downHelp: CommandHelp = {
  summary:
    'Removes what cluster:up made, also when it ended half-way: the Kind cluster, loop devices and disk files, or the\n' +
    'changes to an existing cluster. Exit codes: 0 nothing is left, 1 something is, 64 wrong usage.',
  usage: 'npm run cluster:down -- [flags]',
  flags: recordFlags,
  examples: ['npm run cluster:down', 'npm run cluster:down -- --name lab --dry-run'],
};

export interface DownCommand {
  readonly name: string;
  readonly stateDir: string;
  readonly mode: 'run' | 'dry-run';
}

/** Validates a command line of `cluster:down`. Throws `UsageError`. */
export function parseDown(argv: readonly string[]): DownCommand {
  const flags = parseFlags(argv, downHelp);
  return {
    name: parseName(flags),
    stateDir: parseStateDir(flags),
    mode: flags.given('dry-run') ? 'dry-run' : 'run',
  };
}
