import { badRequest } from '../errors.ts';
import { labelValueComplaints, qualifiedNameComplaints } from '../validation/names.ts';
import { meets } from './requirement.ts';
import type { Requirement } from './requirement.ts';

const symbols = new Set(['(', ')', ',', '!', '=', '==', '!=', '<', '>']);
const binaryOperators: Readonly<Record<string, Requirement['operator']>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '=',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
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
      if (token !== '!' && symbols.has(token))
        throw badRequest(`found '${token}', expected: !, identifier, or 'end of string'`);
      found.push(this.requirement());
      const separator = this.peek();
      if (separator === '') break;
      if (separator !== ',') throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
      this.at += 1;
      const next = this.peek();
      if (next === '' || (symbols.has(next) && next !== '!'))
        throw badRequest(`found '${next}', expected: identifier after ','`);
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
    if ((operator === 'gt' || operator === 'lt') && !/^[+-]?\d+$/.test(values[0] ?? '')) {
      this.fail(
        `values[0]: Invalid value: ${JSON.stringify(values[0] ?? '')}: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
    [...values].sort().forEach((value, index) => {
      const wrong = labelValueComplaints(value);
      if (wrong.length > 0)
        this.fail(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong.join('; ')}`);
    });
    return { key, operator, values };
  }

  private exactValue(): string {
    const token = this.peek();
    if (token === '' || token === ',') return '';
    if (symbols.has(token)) this.fail(`found '${token}', expected: identifier`);
    return this.take();
  }

  private valueList(): string[] {
    const opening = this.take();
    if (opening !== '(') this.fail(`found '${opening}' expected: '('`);
    if (this.peek() === ')') {
      this.at += 1;
      return [''];
    }
    const values = new Set<string>();
    for (;;) {
      const token = this.take();
      if (token === ',') {
        if (values.size === 0 || [',', ')'].includes(this.peek())) values.add('');
      } else if (token === '' || symbols.has(token)) {
        this.fail(
          values.size === 0
            ? `found '${token}', expected: ',', ')' or identifier`
            : `found '${token}', expected: ',', or identifier`,
        );
      } else {
        values.add(token);
        const next = this.peek();
        if (next !== ',' && next !== ')') this.fail(`found '${next}', expected: ',' or ')'`);
      }
      if (this.peek() === ')') {
        this.at += 1;
        return [...values];
      }
    }
  }
}

/** Parses a label selector into a test on labels. @throws StatusError 400 in the server's words. */
export function parseLabelSelector(text: string): (labels: Readonly<Record<string, string>> | undefined) => boolean {
  const requirements = new LabelParser(text).parse();
  return (labels) => requirements.every((requirement) => meets(requirement, labels?.[requirement.key]));
}
