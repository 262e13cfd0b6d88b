/**
 * Paths of keys that occur twice in the same JSON object. JSON.parse hides them, so the text is scanned; text that is not
 * JSON has none to report.
 */
export function duplicateKeys(text: string): string[] {
  const found: string[] = [];
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
      if (top.keys.has(top.key)) found.push(pathOf());
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
