/** What can be varied about a fault, and how it is written on a command line: `key=value,key=value`. */

export type ParameterSpec =
  | {
      readonly kind: 'integer';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly text: string;
    }
  | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[]; readonly text: string };

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** Somebody asked for a fault or parameter that there is not. The message is one line. */
export class FaultRequestError extends Error {
  override readonly name = 'FaultRequestError';
}

/** The values in effect: what was asked for, else the defaults. */
export class ParameterValues {
  readonly #specs: ParameterSpecs;
  readonly #given: ReadonlyMap<string, string>;

  constructor(specs: ParameterSpecs, given: ReadonlyMap<string, string>) {
    this.#specs = specs;
    this.#given = given;
  }

  integer(name: string): number {
    return Number(this.#value(name));
  }

  choice(name: string): string {
    return this.#value(name);
  }

  /** `key=value,…` of all of them, in the order in which they are declared. */
  toString(): string {
    return Object.keys(this.#specs)
      .map((name) => `${name}=${this.#value(name)}`)
      .join(',');
  }

  #value(name: string): string {
    const spec = this.#specs[name];
    if (spec === undefined) throw new Error(`the fault asks for parameter ${name}, which it does not declare`);
    return this.#given.get(name) ?? String(spec.default);
  }
}

/** @throws {FaultRequestError} */
export function parseParameters(faultId: string, specs: ParameterSpecs, text: string): ParameterValues {
  const given = new Map<string, string>();
  for (const part of text === '' ? [] : text.split(',')) {
    const [name = '', value = '', ...rest] = part.split('=');
    const spec = specs[name];
    if (spec === undefined || rest.length > 0) {
      const known = Object.keys(specs).join(', ') || 'none';
      throw new FaultRequestError(`${faultId} has no parameter "${part}"; it has: ${known}`);
    }
    requireFit(faultId, name, spec, value);
    given.set(name, value);
  }
  return new ParameterValues(specs, given);
}

function requireFit(faultId: string, name: string, spec: ParameterSpec, value: string): void {
  if (spec.kind === 'choice') {
    if (spec.choices.includes(value)) return;
    throw new FaultRequestError(`${faultId}: ${name} wants one of ${spec.choices.join(', ')}, got "${value}"`);
  }
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= spec.min && number <= spec.max) return;
  throw new FaultRequestError(
    `${faultId}: ${name} wants a whole number from ${String(spec.min)} to ${String(spec.max)}, got "${value}"`,
  );
}
