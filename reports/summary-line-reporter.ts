import type { FullResult, Reporter, Suite, TestCase } from '@playwright/test/reporter';

/**
 * Ends a run with `N passed, N failed, N skipped` as its last line, after each skipped test and its reason: a test that
 * did not run is not one that passed.
 */
export default class SummaryLineReporter implements Reporter {
  private suite: Suite | undefined;
  private errors = 0;

  printsToStdio(): boolean {
    return false;
  }

  onBegin(_config: unknown, suite: Suite): void {
    this.suite = suite;
  }

  /** Errors outside any test, e.g. a file that cannot be loaded. */
  onError(): void {
    this.errors += 1;
  }

  onEnd(_result: FullResult): Promise<void> {
    return Promise.resolve();
  }

  /** After every reporter has had its say. */
  async onExit(): Promise<void> {
    const tests = this.suite?.allTests() ?? [];
    const lines = [...skipLines(tests), summaryLine(tests, this.errors)];
    await new Promise<void>((resolve) => {
      process.stdout.write(`\n${lines.join('\n')}\n`, () => {
        resolve();
      });
    });
  }
}

/** The last line; an error outside any test counts as a failure. */
export function summaryLine(tests: readonly Pick<TestCase, 'outcome'>[], errors: number): string {
  const count = (...outcomes: string[]): number => tests.filter((test) => outcomes.includes(test.outcome())).length;
  // A flaky test failed once, and a retry that passes is no pass here.
  const failed = count('unexpected', 'flaky') + errors;
  return `${count('expected')} passed, ${failed} failed, ${count('skipped')} skipped`;
}

function skipLines(tests: readonly TestCase[]): string[] {
  return tests
    .filter((test) => test.outcome() === 'skipped')
    .map((test) => {
      const declared = [...test.annotations, ...test.results.flatMap(({ annotations }) => annotations)];
      const skip = declared.find(
        ({ type, description }) => (type === 'skip' || type === 'fixme') && description !== undefined,
      );
      const ran = test.results.length > 0 || declared.some(({ type }) => type === 'skip' || type === 'fixme');
      const reason = skip?.description ?? (ran ? 'no reason given' : 'the run ended before it');
      return `skipped: ${test
        .titlePath()
        .filter((part) => part !== '')
        .join(' › ')}: ${reason}`;
    });
}
