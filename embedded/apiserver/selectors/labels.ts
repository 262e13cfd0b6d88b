import { badRequest } from '../errors.ts';
import { labelValueComplaints, qualifiedNameComplaints } from '../validation/names.ts';
import { meets } from './requirement.ts';
import type { Requirement } from './requirement.ts';

const symbols = new Set(['(', ')', ',', '!', '=', '==', '!=', '<', '>']);
const binaryOperators: Readonly<Record<string, Requirement['operator']>> = {
  in: 'in', notin: 'notin', '=': '=', '==': '=', '!=': '!=', gt: 'gt', lt: 'lt', '>': 'gt', '<': 'lt',
};

function tokens(text: string): string[] {
  return text.match(/==|!=|[(),!=<>]|[^\s(),!=<>]+/g) ?? [];
}

class LabelParser {
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(text: string) {
    this.tokens = tokens(text);
  }

  parse(): Requirement[] {
    const found: Requirement[] = [];
    while (this.at < this.tokens.length) {
      const token = this.peek();
      if (token !== '!' && symbols.has(token)) throw badRequest(`found '${token}', expected: !, identifier, or 'end of string'`);
      found.push(this.requirement());
      const separator = this.peek();
      if (separator === '') break;
      if (separator !== ',') throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
      this.at += 1;
      const next = this.peek();
      if (next === '' || (symbols.has(next) && next !== '!')) throw badRequest(`found '${next}', expected: identifier after ','`);
    }
    return found;
  }

  private peek(): string {
    return this.tokens[this.at] ?? '';
  }

  private take(): string {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  private fail(message: string): never {
    throw badRequest(`unable to parse requirement: ${message}`);
  }

  private requirement(): Requirement {
    const negated = this.peek() === '!';
    if (negated) this.at += 1;
    const key = this.take();
    if (key === '' || symbols.has(key)) this.fail(`found '${key}', expected: identifier`);
    const complaints = qualifiedNameComplaints(key);
    if (complaints.length > 0) this.fail(`<nil>: Invalid value: ${JSON.stringify(key)}: ${complaints.join('; ')}`);
    if (negated) return { key, operator: '!', values: [] };
    const next = this.peek();
    if (next === '' || next === ',') return { key, operator: 'exists', values: [] };
    this.at += 1;
    const operator = binaryOperators[next];
    if (operator === undefined) this.fail(`found '${next}', expected: in, notin, =, ==, !=, gt, lt`);
    const values = operator === 'in' || operator === 'notin' ? this.valueList() : [this.exactValue()];
    for (const value of values) {
      const wrong = labelValueComplaints(value);
      if (wrong.length > 0) this.fail(`values[0][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong.join('; ')}`);
    }
    return { key, operator, values };
  }

  private exactValue(): string {
    const token = this.peek();
    if (token === '' || token === ',') return '';
    if (symbols.has(token)) this.fail(`found '${token}', expected: identifier`);
    return this.take();
  }

  private valueList(): string[] {
    if (this.peek() !== '(') this.fail(`found '${this.peek()}', expected: '('`);
    this.at += 1;
    const values: string[] = [];
    for (;;) {
      const token = this.take();
      if (token === '') this.fail("found '', expected: ',', ')' or identifier");
      if (token === ')') return values.length === 0 ? [''] : values;
      if (token !== ',') values.push(token);
    }
  }
}

/** Parses a label selector into a test on labels. @throws StatusError 400 in the server's words. */
export function parseLabelSelector(text: string): (labels: Readonly<Record<string, string>> | undefined) => boolean {
  const requirements = new LabelParser(text).parse();
  return (labels) => requirements.every((requirement) => meets(requirement, labels?.[requirement.key]));
}
