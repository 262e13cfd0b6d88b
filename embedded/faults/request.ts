import type { DataPlaneHooks } from './hooks.ts';
import { seededRandom } from '../dataplane/random.ts';
import { catalogue } from './catalogue/index.ts';
import type { Control, RunnableFault } from './fault.ts';
import { Liveness } from './liveness.ts';
import { FaultRequestError, parseParameters, type ParameterValues } from './parameters.ts';

/** A fault that a cluster is to have. */
export interface FaultRequest {
  readonly fault: RunnableFault | Control;
  readonly parameters: ParameterValues;
}

/**
 * Reads `ID` or `ID:key=value,…`.
 *
 * @throws {FaultRequestError} for an unknown fault or parameter, and for one that no scenario can make live
 */
export function parseFaultRequest(text: string): FaultRequest {
  const [id = '', ...rest] = text.split(':');
  const fault = catalogue.find((candidate) => candidate.id.toLowerCase() === id.toLowerCase());
  if (fault === undefined) {
    const ids = catalogue.filter(({ kind }) => kind !== 'unreached').map((known) => known.id);
    throw new FaultRequestError(`no fault "${id}"; there are ${ids.join(', ')}`);
  }
  if (fault.kind === 'unreached')
    throw new FaultRequestError(`${fault.id} (${fault.name}) cannot be live: it needs ${fault.needs}`);
  return { fault, parameters: parseParameters(fault.id, fault.parameters, rest.join(':')) };
}

/** `ID:key=value,…` with every parameter spelled out. */
export function describeRequest({ fault, parameters }: FaultRequest): string {
  const values = parameters.toString();
  return values === '' ? fault.id : `${fault.id}:${values}`;
}

export interface ArmedFault {
  readonly hooks: DataPlaneHooks;
  readonly settings: Readonly<Record<string, string>>;
  readonly liveness: Liveness;
}

/** Makes the hooks of a fault, all choices drawn from the seed. `onChange` is told of each difference that it makes. */
export function armFault(request: FaultRequest, seed: string, onChange?: (liveness: Liveness) => void): ArmedFault {
  const { fault, parameters } = request;
  const liveness = new Liveness({
    fault: fault.id,
    parameters: parameters.toString(),
    ...(onChange === undefined ? {} : { onChange }),
  });
  const random = seededRandom(seed, 'fault', fault.id);
  const hooks = fault.hooks({ parameters, random, seed, liveness });
  return { hooks, settings: fault.settings ?? {}, liveness };
}
