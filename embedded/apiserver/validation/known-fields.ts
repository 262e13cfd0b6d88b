import type { ResourceType } from '../resources/type.ts';
import type { Payload } from '../store.ts';
import type { Schema } from './schema.ts';
import { prune } from './structural.ts';

/** Removes fields that the kind does not have, in place, and names them. A kind without a schema has every field. */
export function pruneToSchema(type: ResourceType, body: Payload): string[] {
  const schema = type.custom?.schema as Schema | undefined;
  return schema === undefined ? [] : prune(schema, body);
}
