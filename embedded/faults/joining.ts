import type { DataPlaneEvent } from './hooks.ts';

/** Knows which replicas are being rebuilt: those that an engine has as WO. */
export class JoiningReplicas {
  readonly #joining = new Set<string>();

  /** To be told of every event. */
  observe(event: DataPlaneEvent): void {
    if (event.kind !== 'replica-mode') return;
    if (event.mode === 'WO') this.#joining.add(event.replica);
    else this.#joining.delete(event.replica);
  }

  has(replica: string): boolean {
    return this.#joining.has(replica);
  }

  get any(): boolean {
    return this.#joining.size > 0;
  }
}
