/** YAML as sigs.k8s.io/yaml reads and writes it: by way of JSON, keys sorted, words of YAML 1.1 quoted. */
import { parseDocument, stringify } from 'yaml';
import type { YAMLError } from 'yaml';
import type { Payload } from '../store.ts';

/** The YAML of a JSON text. */
export function yamlText(json: string): string {
  return stringify(JSON.parse(json), {
    version: '1.1',
    sortMapEntries: true,
    indentSeq: false,
    aliasDuplicateObjects: false,
  });
}

/** What was read, and the keys that stood twice in a map, of which the last counts. */
export interface ReadYaml {
  readonly value: Payload;
  readonly repeated: readonly { readonly key: string; readonly line: number }[];
}

/** @throws Error whose message is the server's where it is known, else that of this parser. */
export function readYaml(text: string): ReadYaml {
  const document = parseDocument(text, { uniqueKeys: false });
  // Of several documents the first one counts.
  const fault = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
  if (fault !== undefined) throw new Error(`yaml: ${wordsOf(fault)}`);
  const strict = parseDocument(text, { uniqueKeys: true });
  const repeated = strict.errors
    .filter(({ code }) => code === 'DUPLICATE_KEY')
    .map(({ pos, linePos }) => ({
      key: /^[^:\s]+/.exec(text.slice(pos[0]))?.[0].replace(/^["']|["']$/g, '') ?? '',
      line: linePos?.[0].line ?? 0,
    }));
  return { value: document.toJS(), repeated };
}

function wordsOf({ code, message, linePos }: YAMLError): string {
  const line = linePos?.[0].line ?? 1;
  const place = line > 1 ? `line ${line}: ` : '';
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return `${place}mapping values are not allowed in this context`;
  if (code === 'TAB_AS_INDENT') return `line ${line}: found character that cannot start any token`;
  return message.split('\n')[0] ?? message;
}
