import type { ResourceRegistry } from '../resources/registry.ts';
import type { ResourceType } from '../resources/type.ts';
import type { Admission, AdmissionRequest, ResourceName } from '../store.ts';
import { StatusError } from '../store.ts';
import type { IdentitySource } from './identity.ts';
import type { State } from './state.ts';

/** What the write paths share. */
export interface StoreContext {
  readonly state: State;
  readonly registry: ResourceRegistry;
  readonly admission: readonly Admission[];
  readonly identity: IdentitySource;
  readonly timestamp: () => string;
}

/** The stored type of that name; a controller asking for an unknown one is a mistake in the controller. */
export function typeOf(context: StoreContext, resource: ResourceName): ResourceType {
  const type = context.registry.stored(resource);
  if (type === undefined) {
    throw new StatusError(
      404,
      'NotFound',
      `the server could not find the requested resource: "${resource}" is not served`,
      {},
    );
  }
  return type;
}

/** All mutations first, then all validations, as the API server orders them. */
export function admit(context: StoreContext, request: AdmissionRequest, changed: () => void): void {
  for (const one of context.admission) one.mutate?.(request);
  changed();
  for (const one of context.admission) one.validate?.(request);
}
