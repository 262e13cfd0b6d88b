/**
 * Paths of the keys of a JSON text in the order in which they are read, once for each occurrence. JSON.parse hides keys
 * that occur twice, so the text is scanned; text that is not JSON has none to report.
 */
export function writtenKeys(text: string): { readonly path: string; readonly repeated: boolean }[] {
  const found: { path: string; repeated: boolean }[] = [];
  // Each open object remembers its keys, each open array its position.
  const stack: ({ keys: Set<string>; key: string } | { index: number })[] = [];
  const pathOf = (): string => {
    let path = '';
    for (const frame of stack) path += 'keys' in frame ? `${path === '' ? '' : '.'}${frame.key}` : `[${frame.index}]`;
    return path;
  };
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
  let expectKey = false;
  for (const [piece] of text.matchAll(token)) {
    const top = stack.at(-1);
    if (piece === '{') {
      stack.push({ keys: new Set(), key: '' });
      expectKey = true;
    } else if (piece === '[') {
      stack.push({ index: 0 });
      expectKey = false;
    } else if (piece === '}' || piece === ']') {
      stack.pop();
      expectKey = false;
    } else if (piece === ',') {
      if (top !== undefined && 'index' in top) top.index += 1;
      else expectKey = true;
    } else if (expectKey && piece.startsWith('"') && top !== undefined && 'keys' in top) {
      top.key = safeParse(piece);
      found.push({ path: pathOf(), repeated: top.keys.has(top.key) });
      top.keys.add(top.key);
      expectKey = false;
    }
  }
  return found;
}

function safeParse(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}
