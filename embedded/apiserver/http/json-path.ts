/** The simple JSONPath of printer columns: fields, indexes, `[*]` and `[?(@.type=='Ready')]`. */
import type { Payload } from '../store.ts';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' }
  | { readonly kind: 'filter'; readonly path: readonly string[]; readonly equal: boolean; readonly value: string };

const parsed = new Map<string, readonly Step[]>();

function parse(text: string): readonly Step[] {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const steps: Step[] = [];
  const pattern =
    /\[\?\(\s*@\.([\w.]+)\s*(==|!=)\s*(?:'([^']*)'|"([^"]*)"|([^)\s]*))\s*\)\]|\[(\d+)\]|\[\*\]|\[['"]([^'"]*)['"]\]|\.?((?:\\.|[^.[\]\\])+)/g;
  for (const match of text.replace(/^\$/, '').matchAll(pattern)) {
    const [all, path, operator, single, double, bare, index, quoted, field] = match;
    if (path !== undefined)
      steps.push({
        kind: 'filter',
        path: path.split('.'),
        equal: operator === '==',
        value: single ?? double ?? bare ?? '',
      });
    else if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
    else if (all === '[*]') steps.push({ kind: 'each' });
    else steps.push({ kind: 'field', name: quoted ?? (field ?? '').replace(/\\(.)/g, '$1') });
  }
  parsed.set(text, steps);
  return steps;
}

function follow(step: Step, value: Payload): Payload[] {
  switch (step.kind) {
    case 'field':
      return [value?.[step.name]];
    case 'index':
      return Array.isArray(value) ? [value[step.index]] : [];
    case 'each':
      return Object.values((value ?? {}) as Record<string, Payload>);
    case 'filter':
      if (!Array.isArray(value)) return [];
      return value.filter((item) => {
        let found: Payload = item;
        for (const name of step.path) found = found?.[name];
        return (String(found) === step.value) === step.equal;
      });
  }
}

/** The first value that the path leads to; undefined when it leads nowhere. */
export function firstAt(object: Payload, path: string): Payload {
  let values: Payload[] = [object];
  for (const step of parse(path))
    values = values.flatMap((value) => follow(step, value)).filter((value) => value !== undefined && value !== null);
  return values[0];
}
