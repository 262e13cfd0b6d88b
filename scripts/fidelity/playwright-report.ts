/** What of Playwright's JSON report the table needs. Source: playwright:packages/playwright/types/testReporter.d.ts. */
interface ReportedTest {
  readonly status: 'expected' | 'unexpected' | 'flaky' | 'skipped';
  readonly annotations: readonly { readonly type: string; readonly description?: string }[];
  readonly results: readonly { readonly error?: { readonly message?: string } }[];
}

interface ReportedSuite {
  readonly specs: readonly { readonly title: string; readonly file: string; readonly tests: readonly ReportedTest[] }[];
  readonly suites?: readonly ReportedSuite[];
}

export interface PlaywrightReport {
  readonly suites: readonly ReportedSuite[];
  /** Failures outside of tests, such as a file that does not compile. */
  readonly errors: readonly { readonly message?: string }[];
}

export type Comparison =
  | { readonly kind: 'same' }
  /** On purpose, or because the test failed. */
  | { readonly kind: 'differs'; readonly why: string; readonly expected: boolean }
  | { readonly kind: 'not checked'; readonly why: string };

export interface Claim {
  /** Relative to the folder of all tests. */
  readonly file: string;
  readonly title: string;
  readonly comparison: Comparison;
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

function firstLine(text: string): string {
  const lines = text
    .replace(colours, '')
    .split('\n')
    .map((line) => line.trim());
  return lines.find((line) => line !== '') ?? '';
}

function comparisonOf(test: ReportedTest): Comparison {
  const note = (type: string): string | undefined => test.annotations.find((one) => one.type === type)?.description;
  if (test.status === 'skipped')
    return { kind: 'not checked', why: note('skip') ?? note('fixme') ?? 'the run ended before it' };
  if (test.status !== 'expected') {
    const message = test.results.find((result) => result.error !== undefined)?.error?.message;
    return { kind: 'differs', why: firstLine(message ?? 'the test failed without a message'), expected: false };
  }
  const reason = note('differs');
  return reason === undefined ? { kind: 'same' } : { kind: 'differs', why: reason, expected: true };
}

/** Every test of a report as a claim. A test annotated `differs` tells of a difference that is there on purpose. */
export function claimsOf(report: PlaywrightReport): Claim[] {
  const inSuite = (suite: ReportedSuite): Claim[] => [
    ...suite.specs.flatMap(({ title, file, tests }) =>
      tests.map((test) => ({ file, title, comparison: comparisonOf(test) })),
    ),
    ...(suite.suites ?? []).flatMap(inSuite),
  ];
  return report.suites.flatMap(inSuite);
}
