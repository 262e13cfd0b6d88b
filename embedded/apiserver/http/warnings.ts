/** What the API server warns of without refusing it; kubectl prints it. */
import type { ResourceType } from '../resources/type.ts';
import type { KubeObject } from '../store.ts';
import { standardFinalizers } from '../validation/metadata.ts';
import { qualifiedNameComplaints } from '../validation/names.ts';
import { addWarning } from './exchange.ts';
import type { Exchange } from './exchange.ts';

const advice = 'to avoid accidental conflicts with other finalizer writers';

/**
 * Finalizers that a write gave a custom resource and whose names could collide, such as Longhorn's own `longhorn.io`
 * (apiextensions-apiserver:pkg/registry/customresource/validator.go@v0.36.2).
 */
export function warnOfFinalizers(exchange: Exchange, type: ResourceType, object: KubeObject, before: readonly string[]): void {
  if (type.custom === undefined) return;
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.includes(finalizer));
  for (const finalizer of added.toSorted()) {
    const about = `metadata.finalizers: ${JSON.stringify(finalizer)}`;
    for (const complaint of qualifiedNameComplaints(finalizer)) addWarning(exchange, `${about}: ${complaint}`);
    if (finalizer.includes('/') || standardFinalizers.has(finalizer)) continue;
    const path = finalizer.includes('.') ? ' including a path (/)' : '';
    addWarning(exchange, `${about}: prefer a domain-qualified finalizer name${path} ${advice}`);
  }
}
