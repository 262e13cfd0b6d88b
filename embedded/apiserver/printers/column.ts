import type { KubeObject, Payload } from '../store.ts';
import { ageOf } from './age.ts';

/** One column of a Table. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  /** Where the description comes from: a field of the kind, or the text itself. */
  readonly about: { readonly field: string } | { readonly text: string };
  readonly priority: number;
  readonly cell: (object: KubeObject) => Payload;
}

type Cell = (object: KubeObject) => Payload;

interface More {
  readonly type?: string;
  readonly field?: string;
  readonly text?: string;
  readonly wide?: true;
}

export function column(name: string, cell: Cell, more: More): Column {
  return {
    name,
    type: more.type ?? 'string',
    format: '',
    about: more.text !== undefined ? { text: more.text } : { field: more.field ?? '' },
    priority: more.wide === true ? 1 : 0,
    cell,
  };
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  about: { field: 'metadata.name' },
  priority: 0,
  cell: (object) => object.metadata.name,
};

export const ageColumn: Column = column('Age', (object) => ageOf(object.metadata.creationTimestamp), {
  field: 'metadata.creationTimestamp',
});

/** As kubectl shows a map of labels or a selector. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? '<none>' : entries.map(([key, value]) => `${key}=${value}`).join(',');
}

export const listText = (items: readonly string[] | undefined, none = '<none>'): string =>
  items === undefined || items.length === 0 ? none : items.join(',');
