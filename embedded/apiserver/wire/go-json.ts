/**
 * What Go's encoding/json says about a text that is not JSON, character for character: the API server passes it on
 * (go:src/encoding/json/scanner.go@go1.26).
 */

class SyntaxFault extends Error {}

const whitespace = /[ \t\r\n]/;

function quoted(character: string): string {
  if (character === "'") return String.raw`'\''`;
  if (character === '"') return `'"'`;
  const printable = JSON.stringify(character).slice(1, -1);
  return `'${printable}'`;
}

class Scanner {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): void {
    this.value('looking for beginning of value');
    this.skip();
    if (this.at < this.text.length) this.fail('after top-level value');
  }

  private skip(): void {
    while (whitespace.test(this.text.charAt(this.at))) this.at += 1;
  }

  private peek(): string {
    if (this.at >= this.text.length) throw new SyntaxFault('unexpected end of JSON input');
    return this.text.charAt(this.at);
  }

  private fail(context: string): never {
    throw new SyntaxFault(`invalid character ${quoted(this.peek())} ${context}`);
  }

  private value(context: string): void {
    this.skip();
    const first = this.peek();
    if (first === '{') this.object();
    else if (first === '[') this.array();
    else if (first === '"') this.string();
    else if (first === '-' || /\d/.test(first)) this.number();
    else if (first === 't') this.literal('true');
    else if (first === 'f') this.literal('false');
    else if (first === 'n') this.literal('null');
    else this.fail(context);
  }

  private literal(word: string): void {
    for (const expected of word) {
      if (this.peek() !== expected) this.fail(`in literal ${word} (expecting ${quoted(expected)})`);
      this.at += 1;
    }
  }

  private object(): void {
    this.at += 1;
    this.skip();
    if (this.peek() === '}') {
      this.at += 1;
      return;
    }
    for (;;) {
      this.skip();
      if (this.peek() !== '"') this.fail('looking for beginning of object key string');
      this.string();
      this.skip();
      if (this.peek() !== ':') this.fail('after object key');
      this.at += 1;
      this.value('looking for beginning of value');
      this.skip();
      const next = this.peek();
      if (next !== ',' && next !== '}') this.fail('after object key:value pair');
      this.at += 1;
      if (next === '}') return;
    }
  }

  private array(): void {
    this.at += 1;
    this.skip();
    if (this.peek() === ']') {
      this.at += 1;
      return;
    }
    for (;;) {
      this.value('looking for beginning of value');
      this.skip();
      const next = this.peek();
      if (next !== ',' && next !== ']') this.fail('after array element');
      this.at += 1;
      if (next === ']') return;
    }
  }

  private string(): void {
    this.at += 1;
    for (;;) {
      const character = this.peek();
      if (character === '"') break;
      if (character < ' ') this.fail('in string literal');
      this.at += 1;
      if (character === '\\') this.escape();
    }
    this.at += 1;
  }

  private escape(): void {
    const kind = this.peek();
    if (!/[bfnrt\\/"u]/.test(kind)) this.fail('in string escape code');
    this.at += 1;
    if (kind !== 'u') return;
    for (let digit = 0; digit < 4; digit += 1) {
      if (!/[0-9a-fA-F]/.test(this.peek())) this.fail(String.raw`in \u hexadecimal character escape`);
      this.at += 1;
    }
  }

  private digits(context: string): void {
    if (!/\d/.test(this.peek())) this.fail(context);
    while (/\d/.test(this.text.charAt(this.at))) this.at += 1;
  }

  private number(): void {
    if (this.text.charAt(this.at) === '-') this.at += 1;
    if (this.text.charAt(this.at) === '0') this.at += 1;
    else this.digits('in numeric literal');
    if (this.text.charAt(this.at) === '.') {
      this.at += 1;
      this.digits('after decimal point in numeric literal');
    }
    if (!/[eE]/.test(this.text.charAt(this.at) || ' ')) return;
    this.at += 1;
    if (/[+-]/.test(this.text.charAt(this.at) || ' ')) this.at += 1;
    this.digits('in exponent of numeric literal');
  }
}

/** The complaint of encoding/json about a text; undefined when it is JSON. */
export function goSyntaxError(text: string): string | undefined {
  try {
    new Scanner(text).document();
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxFault) return error.message;
    throw error;
  }
}

/** How encoding/json names the kind of a value in `cannot unmarshal … into`. */
export function goValueKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? 'null' : typeof value;
}
