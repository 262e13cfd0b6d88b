/**
 * What Kubernetes says about fields of its kinds, read where an installed package has it: the declarations of
 * @kubernetes/client-node. Only the column descriptions of tables need it.
 */
import { readFileSync } from 'node:fs';
import { declarationOf } from './kinds.ts';

const declarations = new Map<string, string>();

function declarationsOf(model: string): string {
  const known = declarations.get(model);
  if (known !== undefined) return known;
  let text = '';
  try {
    text = readFileSync(new URL(`./gen/models/${model}.d.ts`, import.meta.resolve('@kubernetes/client-node')), 'utf8');
  } catch {
    // Another layout of that package costs descriptions, nothing else.
  }
  declarations.set(model, text);
  return text;
}

/** Their generator turned paragraph breaks into two blanks. */
function plain(text: string): string {
  return text
    .replace(/\n\s*\* ?/g, '\n')
    .replace(/\\'/g, "'")
    .replace(/(?<=[.:)]) {2}(?=\S)/g, '\n\n')
    .trim();
}

/** The documentation of a field such as `metadata.creationTimestamp`; empty when there is none. */
export function fieldDescription(type: { group: string; version: string; kind: string }, path: string): string {
  const declaration = declarationOf(type, path);
  if (declaration === undefined) return '';
  const comment = new RegExp(`/\\*\\*\\n\\s*\\* ((?:(?!\\*/)[^])*?)\\n\\s*\\*/\\s*'${declaration.field}'\\??:`);
  return plain(comment.exec(declarationsOf(declaration.model))?.[1] ?? '');
}
