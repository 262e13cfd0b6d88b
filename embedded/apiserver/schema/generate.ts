/**
 * Writes kinds.json: names, types and necessity of the fields of the built-in kinds that the server knows, read from the
 * models of @kubernetes/client-node. Their documentation stays where it is, see documentation.ts.
 * Run after an upgrade of that package: `npx tsx embedded/apiserver/schema/generate.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { builtinResources } from '../resources/builtin.ts';

const models = new URL('../../../node_modules/@kubernetes/client-node/dist/gen/models/', import.meta.url);

/** The type of each field; a required field's name ends with `!`. Types: see kinds.ts. */
type Model = Record<string, string>;

const groupPrefixes: Readonly<Record<string, string>> = { 'events.k8s.io': 'Events', '': 'Core' };

function read(name: string, extension: string): string | undefined {
  try {
    return readFileSync(new URL(`${name}${extension}`, models), 'utf8');
  } catch {
    return undefined;
  }
}

/** The class of a kind: V1Pod, V2HorizontalPodAutoscaler, CoreV1Event. */
function classOf(group: string, version: string, kind: string): string | undefined {
  const plain = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
  const candidates = [`${groupPrefixes[group] ?? ''}${plain}`, plain];
  return candidates.find((name) => read(name, '.d.ts') !== undefined);
}

function parse(name: string): Model {
  const declarations = read(name, '.d.ts') ?? '';
  const code = read(name, '.js') ?? '';
  const table = /attributeTypeMap = (\[[^]*?\n\]);/.exec(code)?.[1] ?? '[]';
  const attributes = JSON.parse(table) as { name: string; baseName: string; type: string; format: string }[];
  const model: Model = {};
  for (const { name: field, baseName, type, format } of attributes) {
    const escaped = field.replace(/[$]/g, '\\$&');
    const isRequired = new RegExp(`'${escaped}':`).test(declarations);
    model[isRequired ? `${baseName}!` : baseName] = format === '' ? type : `${type}|${format}`;
  }
  return model;
}

function referenced(type: string): string[] {
  return type.match(/\b(?:[A-Z][a-z]+)?V\d\w*/g) ?? [];
}

const kinds: Record<string, string> = {};
const found = new Map<string, Model>();
const queue: string[] = [];
for (const { group, version, kind } of builtinResources) {
  const name = classOf(group, version, kind);
  if (name === undefined) continue;
  kinds[`${group}/${version}/${kind}`] = name;
  queue.push(name);
}
// Options of requests are no resources, but bodies all the same.
queue.push('V1DeleteOptions');
for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
  if (found.has(name)) continue;
  const model = parse(name);
  found.set(name, model);
  queue.push(
    ...Object.values(model)
      .flatMap(referenced)
      .filter((one) => read(one, '.d.ts') !== undefined),
  );
}
const sorted = Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
const lines = Object.entries(sorted).map(([name, model]) => `${JSON.stringify(name)}:${JSON.stringify(model)}`);
writeFileSync(
  new URL('./kinds.json', import.meta.url),
  `{"kinds":${JSON.stringify(kinds)},\n"models":{\n${lines.join(',\n')}\n}}\n`,
);
