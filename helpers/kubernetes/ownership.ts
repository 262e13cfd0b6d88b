/**
 * What a run may delete. A handle is made only of an object that carries a run's label on the server, and deletion takes
 * nothing but handles: an object of somebody else cannot even be named to it.
 */
import { describeRef, type KubeObject, type ObjectRef, type ResourceKind } from './resource.ts';

export const runIdLabel = 'v2-verifier/run-id';
export const createdAtAnnotation = 'v2-verifier/created-at';

/** The namespace that a run makes for itself where none is named. */
export function ownNamespaceOf(runId: string): string {
  return `v2-verifier-${runId}`;
}

export class NotOwned extends Error {
  override readonly name = 'NotOwned';
}

/** An object of a run: its kind, its place, and the uid that a deletion must still find there. */
export class Owned<T extends KubeObject = KubeObject> {
  /** Private state makes the class nominal: no object literal passes for a handle. */
  readonly #runId: string;
  readonly kind: ResourceKind<T>;
  readonly object: T;

  private constructor(kind: ResourceKind<T>, object: T, runId: string) {
    this.kind = kind;
    this.object = object;
    this.#runId = runId;
  }

  /** @throws NotOwned when the object, as the server returned it, carries no run's label */
  static of<T extends KubeObject>(kind: ResourceKind<T>, object: T): Owned<T> {
    const runId = object.metadata.labels?.[runIdLabel];
    if (runId === undefined || runId === '') {
      throw new NotOwned(`${describeRef(kind, object.metadata)} carries no label ${runIdLabel}: it is not ours`);
    }
    return new Owned(kind, object, runId);
  }

  get runId(): string {
    return this.#runId;
  }

  get ref(): ObjectRef {
    return { namespace: this.object.metadata.namespace, name: this.object.metadata.name };
  }

  get uid(): string {
    return this.object.metadata.uid;
  }

  toString(): string {
    return describeRef(this.kind, this.ref);
  }
}
