import type { Target } from '../helpers/verdict/events.ts';

/** Where Playwright's JUnit reporter takes its suite's name from; it has no option for it. */
export const junitTitleVariable = 'PLAYWRIGHT_JUNIT_SUITE_NAME';

/** Heads the reports that Playwright and Allure make, which know nothing of the verdict. */
export function reportTitle(target: Target): string {
  const where = target.kind === 'embedded' ? 'EMBEDDED cluster, not a real one' : `context ${target.context}`;
  return `Longhorn V2 consistency: ${where}`;
}
