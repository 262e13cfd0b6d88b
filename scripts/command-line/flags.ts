import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './usage-error.ts';

export interface FlagHelp {
  /** Shown after the flag, e.g. `VERSION`; absent for switches. */
  readonly value?: string;
  readonly text: string;
  /** For the project's own tools: understood, and not shown. */
  readonly hidden?: true;
}

export interface CommandHelp {
  readonly usage: string;
  readonly summary: string;
  readonly flags: Readonly<Record<string, FlagHelp>>;
  readonly examples: readonly string[];
}

export interface Flags {
  /** The value of `--name`, or undefined when it was not given. */
  text(name: string): string | undefined;
  given(name: string): boolean;
  /** A whole number within bounds, or undefined when it was not given. */
  integer(name: string, bounds: { min: number; max: number }): number | undefined;
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined;
  readonly positionals: readonly string[];
}

/** Parses flags as `help` declares them. Throws `UsageError` for unknown flags, missing values and stray words. */
export function parseFlags(argv: readonly string[], help: CommandHelp, positionals: 'none' | 'some' = 'none'): Flags {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, flag] of Object.entries(help.flags)) {
    options[name] = { type: flag.value === undefined ? 'boolean' : 'string' };
  }
  const parsed = parseStrictly(argv, options, positionals === 'some');
  const text = (name: string): string | undefined => {
    const value = parsed.values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    text,
    given: (name) => parsed.values[name] !== undefined,
    positionals: parsed.positionals,
    integer(name, { min, max }) {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= min && number <= max)) {
        throw new UsageError(`--${name} wants a whole number from ${String(min)} to ${String(max)}, got "${value}"`);
      }
      return number;
    },
    choice(name, choices) {
      const value = text(name);
      if (value === undefined) return undefined;
      const found = choices.find((choice) => choice === value);
      if (found === undefined) throw new UsageError(`--${name} wants one of ${choices.join(', ')}, got "${value}"`);
      return found;
    },
  };
}

function parseStrictly(
  argv: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  allowPositionals: boolean,
): { values: Record<string, unknown>; positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals });
  } catch (error) {
    // Node's message goes on with advice that fills more sentences and lines; the first one says it all.
    const message = error instanceof Error ? (error.message.split(/\.\s/)[0] ?? error.message) : String(error);
    throw new UsageError(`${message}; see --help`, { cause: error });
  }
}

/** The text of `--help`. */
export function helpText(help: CommandHelp): string {
  const shown = Object.entries(help.flags).filter(([, flag]) => flag.hidden !== true);
  const rows = shown.map(([name, flag]) => ({
    left: `  --${name}${flag.value === undefined ? '' : ` ${flag.value}`}`,
    text: flag.text,
  }));
  rows.push({ left: '  --help', text: 'this text' });
  const width = Math.max(...rows.map((row) => row.left.length)) + 2;
  return [
    help.summary,
    '',
    `usage: ${help.usage}`,
    '',
    ...rows.map((row) => `${row.left.padEnd(width)}${row.text}`),
    '',
    'examples:',
    ...help.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}
